/**
 * Four collectors, one PostgreSQL and three NATS servers on loopback, under load and faults: collectors killed, one
 * suspended, the leading one above all, clocks ten minutes apart, the schema brought up to date by a newer version, the
 * database restarted without a word, one of three NATS servers killed, then two. Checks that everything acknowledged is
 * there once and counted once, and each message delivered. `npm run test:cluster`; takes some two minutes.
 */
import { natsVersion } from '../support/nats.ts'
import { type ClusterResult, clusterRun } from './cluster-run.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1e9)
console.log(`seed ${seed}`)
const results: ClusterResult[] = [await clusterRun({ log: 'postgres', seed })]
if (natsVersion) results.push(await clusterRun({ log: 'nats', seed: seed + 1 }))
else console.log('NATS: skipped, no nats-server is installed (Debian has a package of that name)')

for (const { log, sent, faults, slowest, ...found } of results) {
  const { lost, double, unbalanced, steps, missed, again, untimely, repeated } = found
  console.log(
    `log in ${log}: ${sent} events, ${faults.length} faults (${faults.join(', ')}): ${lost} lost, ${double} double, ${unbalanced} sums that do not hold, ${steps} steps of leads taken twice; messages: ${missed} missed, ${again} made twice, ${untimely} of a wrong time, ${repeated} sent again; back after at most ${slowest} ms`,
  )
}
console.log(JSON.stringify(results))
const wrong = results.some(
  ({ lost, double, unbalanced, steps, missed, again, untimely, late }) =>
    lost + double + unbalanced + steps + missed + again + untimely + late.length > 0,
)
process.exitCode = wrong ? 1 : 0
