import { fuzzEdge } from '../sized/fuzz-edge.ts'
import { casesOfSlowRun } from '../sized/fuzz-cases.ts'

fuzzEdge(casesOfSlowRun)
