// Every bound and interval of the house: name, unit, reason. A room adds a section of its own; a
// wait, a size, a count or a rate that stands anywhere else belongs here.
