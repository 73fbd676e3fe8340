import { fuzzSikka } from '../sized/fuzz-sikka.ts'
import { casesOfSlowRun } from '../sized/fuzz-cases.ts'

fuzzSikka(casesOfSlowRun)
