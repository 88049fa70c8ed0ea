import type { Outlet } from '../live-feed.ts'

/** Bytes that may wait for a reader; one who is further behind is dropped. The messages that a feed keeps fit twice. */
export const MOST_WAITING = 262_144

/** A body that is written piece by piece, and holds no more than `MOST_WAITING` bytes that nobody has read. */
export function byteStream(): {
  readable: ReadableStream<Uint8Array>
  outlet: Outlet
  /** Called once nobody reads any more. */
  ended: (stop: () => void) => void
} {
  let controller: ReadableStreamDefaultController<Uint8Array>
  let isOpen = true
  let gone = () => {
    isOpen = false
  }
  const readable = new ReadableStream<Uint8Array>(
    {
      start(its) {
        controller = its
      },
      cancel: () => gone(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING }),
  )
  return {
    readable,
    outlet: {
      write(bytes) {
        if (!isOpen || (controller.desiredSize ?? 0) < bytes.length) return false
        controller.enqueue(bytes)
        return true
      },
      end() {
        if (!isOpen) return
        isOpen = false
        // Whoever does not read what waits would hold it for good; others have nothing waiting.
        if ((controller.desiredSize ?? 0) < MOST_WAITING) controller.error(new Error('too slow a reader'))
        else controller.close()
      },
    },
    ended(stop) {
      if (!isOpen) return stop()
      gone = () => {
        isOpen = false
        stop()
      }
    },
  }
}
