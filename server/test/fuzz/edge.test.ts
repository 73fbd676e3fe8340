import { fuzzEdge } from '../sized/fuzz-edge.ts'

fuzzEdge(400)
