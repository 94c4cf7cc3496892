/**
 * Which scores to look through for the places in a circle or a box: those of the cell of its middle
 * and of some cells around it, in a grid so coarse that they cover the whole.
 */
import { degreesOfArc, radiansOf } from './geo-distance.ts'
import {
  type Cell,
  cellOf,
  firstScoreOf,
  LATITUDE_MAX,
  LONGITUDE_MAX,
  type Place,
  STEPS_MAX,
} from './geohash.ts'

/** What is searched. Lengths are in units of so many metres. */
export interface GeoShape {
  readonly middle: Place
  readonly metresPerUnit: number
  readonly extent:
    | { readonly kind: 'circle'; readonly radius: number }
    | { readonly kind: 'box'; readonly width: number; readonly height: number }
}

/** Scores from `first` on that are less than `end`. */
export interface ScoreRange {
  readonly first: number
  readonly end: number
}

/** Half the way round the earth on the map, in metres. */
const MAP_RADIUS_M = 20037726.37

/** The middle and its neighbours by column and row, in the order in which they are searched. */
const AROUND: readonly (readonly [column: -1 | 0 | 1, row: -1 | 0 | 1])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
]

/** Edges in degrees. */
interface Edges {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** The ranges of scores that hold all places in a shape, and others. */
export function rangesOf(shape: GeoShape): ScoreRange[] {
  const edges = edgesAround(shape)
  let steps = stepsFor(reachOf(shape), shape.middle.latitude)
  let middle = cellOf(shape.middle, steps)
  if (steps > 1 && !isCovered(middle, edges)) {
    steps--
    middle = cellOf(shape.middle, steps)
  }
  const inner = edgesOf(middle)
  const ranges: ScoreRange[] = []
  let last: Cell | undefined
  for (const [column, row] of AROUND) {
    if (steps >= 2 && isNeedless(column, row, inner, edges)) continue
    const cell = neighbour(middle, column, row)
    // In a coarse grid what lies to both sides is the same. The middle itself is never compared with,
    // as in the reference.
    if (last !== undefined && cell.column === last.column && cell.row === last.row) continue
    ranges.push({ first: firstScoreOf(cell, 0), end: firstScoreOf(cell, 1) })
    if (column !== 0 || row !== 0) last = cell
  }
  return ranges
}

/** Metres from the middle to the farthest point. */
function reachOf({ extent, metresPerUnit }: GeoShape): number {
  if (extent.kind === 'circle') return extent.radius * metresPerUnit
  const { width, height } = extent
  return Math.sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)) * metresPerUnit
}

function edgesAround({ middle, metresPerUnit, extent }: GeoShape): Edges {
  const { longitude, latitude } = middle
  const isCircle = extent.kind === 'circle'
  const high = metresPerUnit * (isCircle ? extent.radius : extent.height / 2)
  const wide = metresPerUnit * (isCircle ? extent.radius : extent.width / 2)
  const upwards = degreesOfArc(high, 1)
  // Degrees of longitude are shortest where it is nearest to a pole.
  const farthest = latitude < 0 ? latitude - upwards : latitude + upwards
  const sideways = degreesOfArc(wide, Math.cos(radiansOf(farthest)))
  return {
    west: longitude - sideways,
    south: latitude - upwards,
    east: longitude + sideways,
    north: latitude + upwards,
  }
}

/** How fine a grid may be whose cells are as wide as the reach. */
function stepsFor(reach: number, latitude: number): number {
  if (reach === 0) return STEPS_MAX
  let steps = -1
  for (; reach < MAP_RADIUS_M; reach *= 2) steps++
  const polar = Math.abs(latitude)
  if (polar > 66) steps--
  if (polar > 80) steps--
  return Math.min(Math.max(steps, 1), STEPS_MAX)
}

function neighbour({ column, row, steps }: Cell, columns: number, rows: number): Cell {
  const mask = 2 ** steps - 1
  return {
    column: columns === 0 ? column : (column + columns) & mask,
    row: rows === 0 ? row : (row + rows) & mask,
    steps,
  }
}

function edgesOf({ column, row, steps }: Cell): Edges {
  const count = 2 ** steps
  return {
    west: -LONGITUDE_MAX + (column / count) * (LONGITUDE_MAX * 2),
    south: -LATITUDE_MAX + (row / count) * (LATITUDE_MAX * 2),
    east: -LONGITUDE_MAX + ((column + 1) / count) * (LONGITUDE_MAX * 2),
    north: -LATITUDE_MAX + ((row + 1) / count) * (LATITUDE_MAX * 2),
  }
}

/** Whether a cell with its neighbours reaches beyond the edges on all four sides. */
function isCovered(middle: Cell, edges: Edges): boolean {
  return !(
    edgesOf(neighbour(middle, 0, 1)).north < edges.north ||
    edgesOf(neighbour(middle, 0, -1)).south > edges.south ||
    edgesOf(neighbour(middle, 1, 0)).east < edges.east ||
    edgesOf(neighbour(middle, -1, 0)).west > edges.west
  )
}

/** Whether the edges do not reach the neighbour in a direction. */
function isNeedless(column: number, row: number, inner: Edges, edges: Edges): boolean {
  return (
    (row < 0 && inner.south < edges.south) ||
    (row > 0 && inner.north > edges.north) ||
    (column < 0 && inner.west < edges.west) ||
    (column > 0 && inner.east > edges.east)
  )
}
