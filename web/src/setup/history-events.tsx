import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { trpc } from '../api/trpc.ts'
import { Button } from '../ui/button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useWords } from '../words/use-words.tsx'
import { HistoryList } from './history-list.tsx'

/** Events at first, and with each further page. */
const pageSize = 10

/** The events themselves, page by page. */
export default function HistoryEvents({ revision }: { revision: string | undefined }) {
  const { history: words } = useWords()
  const { client } = trpc.useUtils()
  const query = useInfiniteQuery({
    queryKey: ['history'],
    queryFn: ({ pageParam, signal }) =>
      client.pms.history.query({ limit: pageSize, ...(pageParam === null ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? null,
  })
  const { refetch, isFetchingNextPage } = query
  const before = useRef(revision)
  useEffect(() => {
    // The first page is loading already. Refetching would cancel a next page that is loading, so wait for that.
    if (before.current === revision || isFetchingNextPage) return
    before.current = revision
    void refetch()
  }, [revision, isFetchingNextPage, refetch])

  if (query.isPending) {
    return (
      <>
        <output className="visually-hidden">{words.loading}</output>
        <Skeleton lines={4} />
      </>
    )
  }
  const events = query.data?.pages.flatMap((page) => page.events)
  return (
    <>
      {events && <HistoryList events={events} />}
      {query.isError && <p role="alert">{words.failed}</p>}
      {(query.hasNextPage || query.isError) && (
        <Button
          look="quiet"
          busy={query.isFetching}
          onClick={() => void (query.hasNextPage && !query.isError ? query.fetchNextPage() : refetch())}
        >
          {query.isError ? words.retry : words.more}
        </Button>
      )}
    </>
  )
}
