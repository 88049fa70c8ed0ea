/** What is done to a stream when the log in it moves elsewhere, or comes from there. */
import { describedBy, describing, openJetStream, takenFrom, WAIT_MS } from './nats.ts'

const NAME = 'leadwake'
const LOOK_MS = 50

/**
 * From now on the stream takes nothing (JetStream's own seal is for good, this is not). Resolves when nobody waits for an
 * acknowledgement any more of what was on its way: appenders give up what is not answered for `quietMs`, and send it again
 * to wherever the log is then.
 */
export async function sealStream(url: string, name = NAME, quietMs = WAIT_MS): Promise<void> {
  const { link, jsm } = await openJetStream(url)
  try {
    await link.ask(() => jsm.streams.update(name, { subjects: takenFrom(name, true) }))
    const last = async () => (await link.ask(() => jsm.streams.info(name))).state.last_seq
    for (let [seen, since] = [await last(), performance.now()]; performance.now() - since < quietMs; ) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      const now = await last()
      if (now === seen) continue
      seen = now
      since = performance.now()
    }
  } finally {
    await link.close()
  }
}

/** Takes entries again. */
export async function unsealStream(url: string, name = NAME): Promise<void> {
  const { link, jsm } = await openJetStream(url)
  try {
    await link.ask(() => jsm.streams.update(name, { subjects: takenFrom(name) }))
  } finally {
    await link.close()
  }
}

/** The next entry of a stream that never had one gets the number behind `seq`. Throws where it had. */
export async function goOnBehind(url: string, seq: number, name = NAME): Promise<void> {
  const { link, jsm } = await openJetStream(url)
  try {
    const { config, state } = await link.ask(() => jsm.streams.info(name))
    if (state.last_seq > 0) throw new Error(`the stream ${name} has numbers of its own`)
    const description = describing(describedBy(config)!.id, seq)
    await link.ask(() => jsm.streams.update(name, { description }))
  } finally {
    await link.close()
  }
}
