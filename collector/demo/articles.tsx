import type { Shop } from './shell.tsx'
import { Shell } from './shell.tsx'

/** The pages of the shop that tell. */

export function Monitoring({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Condition monitoring" kind="service">
      <article class="text">
        <h1>Condition monitoring</h1>
        <p>
          A sensor on each bearing measures vibration for a second every hour and temperature all the time.
          The gateway sends the spectra on; our software knows the bearing and looks for the frequencies at
          which it would fail.
        </p>
        <h2>What you get</h2>
        <ul>
          <li>A call when a machine needs you, with the cause and the weeks that are left.</li>
          <li>One page a month: what ran well, what got worse, what we would do at the next stop.</li>
          <li>All readings as files, whenever you want them. They are yours.</li>
        </ul>
        <h2>What you do not get</h2>
        <p>
          A wall of dashboards. In the plants that we know, charts that nobody has asked for are looked at for
          three weeks.
        </p>
        <h2>How a start looks</h2>
        <p>
          Four machines, a starter kit, one afternoon. After a month we say honestly whether it is worth going
          on. The <a href={`${shop.base}/files/guide.pdf`}>guide (PDF)</a> describes that month week by week.
        </p>
        <p class="actions sans">
          <a class="button" href={`${shop.base}/request-demo`}>
            Request a demo
          </a>
          <a href={`${shop.base}/pricing`}>See the prices</a>
        </p>
      </article>
    </Shell>
  )
}

export function Retrofit({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Retrofit for old machines" kind="service">
      <article class="text">
        <h1>Retrofit for old machines</h1>
        <p>
          A gearbox from 1974 has no socket, no manual and forty good years behind it. We mount sensors from
          the outside, read the name plate, count the teeth where nobody wrote them down, and have it under
          watch by the end of the shift.
        </p>
        <h2>What we need from you</h2>
        <ul>
          <li>Speed, power, and who knows the machine best.</li>
          <li>Ten minutes of standstill a machine, or a magnet mount and none at all.</li>
          <li>A place with power for the gateway, within eighty metres.</li>
        </ul>
        <h2>What it costs</h2>
        <p>
          A day of two engineers covers about twelve machines. Sensors and plans are on the{' '}
          <a href={`${shop.base}/pricing`}>price list</a>.
        </p>
      </article>
    </Shell>
  )
}

export function Blog({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Blog">
      <h1>Blog</h1>
      <h2>
        <a href={`${shop.base}/blog/bearing-failures`}>Six weeks before it seized</a>
      </h2>
      <p class="text">
        What a failing bearing told us, week by week, and which of it we could have heard earlier.
      </p>
    </Shell>
  )
}

export function Article({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Six weeks before it seized" kind="blog">
      <article class="text">
        <h1>Six weeks before it seized</h1>
        <p class="quiet">By Marit Halvorsen, engineer at Nordlicht Sensors. Three minutes.</p>
        <p>
          The cooling water pump of a dairy in the north stopped on a Saturday. The bearing on the drive side
          had seized, the coupling had gone with it, and two tanks of milk had to be given away. The pump had
          carried one of our sensors for three months, on trial, with its alarms switched off. So we can tell
          the story backwards.
        </p>
        <h2>Week six: a line that had not been there</h2>
        <p>
          In the envelope spectrum a small line appears at 87 Hz, the frequency at which the balls roll over a
          point on the outer ring. It is far below any limit in velocity. A person who walks by with a
          stethoscope would hear nothing. The line has two neighbours, one shaft speed away on each side, and
          that is what gives it away: a noise from next door has none.
        </p>
        <h2>Week four: harmonics</h2>
        <p>
          The line has grown fourfold and brought multiples of itself. The overall value, which is what most
          alarms are set on, has risen by seven per cent. It rises that much when the neighbour starts up.
        </p>
        <h2>Week two: the floor comes up</h2>
        <p>
          The clear lines begin to drown. The pits have become many, they are hit at no regular time, and the
          spectrum fills from below. Whoever looks at the height of the line alone would now think that things
          got better. The temperature is still where it always was.
        </p>
        <h2>The last two days: heat</h2>
        <p>
          On Thursday evening the housing is five degrees warmer than the week before; on Saturday morning,
          forty. Heat is what everybody understands, and it came forty hours before the end. The line at 87 Hz
          had come six weeks before.
        </p>
        <h2>What we changed</h2>
        <p>
          Our thresholds now look at the neighbours of a line before they look at its height, and a falling
          line over a rising floor is an alarm of its own. Both are described in the{' '}
          <a href={`${shop.base}/files/guide.pdf`}>guide (PDF)</a>, in words that fit on two pages.
        </p>
        <p>
          The dairy has put sensors on eleven more pumps since. If you have one that stops a line, see{' '}
          <a href={`${shop.base}/services/condition-monitoring`}>how monitoring works</a>.
        </p>
      </article>
    </Shell>
  )
}

export function About({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="About us" kind="company">
      <article class="text">
        <h1>About us</h1>
        <p>
          Nordlicht Sensors is twenty-six people in a former net loft at a harbour. We build the sensors on
          the ground floor, read them on the first, and eat on the second. We began in 2013 with one customer,
          a ferry whose bow thruster kept failing in March.
        </p>
        <p>
          We do not exist, to be exact. This shop is a demo of Leadwake, and every person, machine and dairy
          in it is made up.
        </p>
        <p>
          <a href={`${shop.base}/careers`}>Work with us</a>
        </p>
      </article>
    </Shell>
  )
}

export function Careers({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Careers" kind="careers">
      <article class="text">
        <h1>Careers</h1>
        <p>Two places are open, both at the harbour, both with a bench of your own.</p>
        <h2>Firmware engineer</h2>
        <p>You make a coin cell last five years and can say where each microampere goes.</p>
        <h2>Vibration analyst</h2>
        <p>
          You look at a spectrum and see a bearing. You like to phone people and tell them what they can do.
        </p>
        <p class="quiet">
          Whoever reads this page looks for work rather than for sensors, and is scored accordingly.
        </p>
      </article>
    </Shell>
  )
}
