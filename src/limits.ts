// Every bound and interval of the house: name, unit, reason. A room adds its own section; a number that
// is a wait, a size, a count or a rate and stands anywhere else belongs here.
