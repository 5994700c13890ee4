// Colours that are told apart with any colour vision: for things by their number, and for values.

/** Okabe and Ito's; purple and grey for their yellow and black, which are not seen or are ink. */
const colours: readonly string[] = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#7a5195',
  '#4d4d4d',
]

/** Of one thing among a few; the same for the same number. */
export function colourOf(index: number): string {
  return colours[index % colours.length]!
}

/** Of one thing among many: three shades of each colour, neighbours never of one colour. */
export function shadeOf(index: number): string {
  const shade = Math.floor(index / colours.length) % 3
  return mixed(colourOf(index), '#ffffff', [0, 0.45, 0.22][shade]!)
}

/** Dark violet to yellow, as even to the eye as viridis (van der Walt and Smith), from which. */
const ramp: readonly string[] = ['#440154', '#414487', '#2a788e', '#22a884', '#7ad151', '#fde725']

/** The colour of a share, 0 to 1. */
export function rampColour(share: number): string {
  const at = Math.max(0, Math.min(1, share)) * (ramp.length - 1)
  const first = Math.min(ramp.length - 2, Math.floor(at))
  return mixed(ramp[first]!, ramp[first + 1]!, at - first)
}

/** The ink that is read on a colour: white on dark ones, black on light ones. */
export function inkOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = partsOf(colour)
  return 0.299 * red + 0.587 * green + 0.114 * blue < 140 ? '#ffffff' : '#1f2933'
}

/** Some of `to` in `from`. */
function mixed(from: string, to: string, share: number): string {
  const others = partsOf(to)
  const parts = partsOf(from).map((part, i) => {
    const value = Math.round(part + share * (others[i]! - part))
    return value.toString(16).padStart(2, '0')
  })
  return `#${parts.join('')}`
}

/** Red, green and blue of a colour, 0 to 255. */
function partsOf(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
}
