/** A turning circle; what it means is said beside it. */
export function Spinner() {
  return <span className="spinner" aria-hidden="true" />
}
