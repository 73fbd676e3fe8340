import { heldRequests } from './sized/held-requests.ts'

heldRequests(10_000)
