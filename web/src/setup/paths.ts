/** The first step. The others, which the server leads to as well, are in `shared`. */
export const installPath = '/agent/setup/install'
