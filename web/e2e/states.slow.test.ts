import { allStates, tellStates } from './states.ts'

tellStates(allStates)
