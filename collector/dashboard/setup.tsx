import { scriptTag } from '../tag.ts'
import { useLocale } from './locale.ts'

/** What to do when nothing has come in yet: the tag for the pages, the call for the form handler. */

export function IdentifyCall({ origin, site }: { origin: string; site: string }) {
  /* A call that works as it stands, but for the key: example.com is refused as a placeholder. */
  const body = `{"site": "${site}", "visitor": "VISITOR_ID", "email": "ada@acme.org"}`
  return (
    <pre>
      <code>
        {`curl ${origin}/v1/identify \\
  -H 'Authorization: Bearer lw_YOUR_KEY' \\
  -H 'Content-Type: application/json' \\
  -d '${body}'`}
      </code>
    </pre>
  )
}

/** The inputs that the script fills with the visitor's id, and with that of the page view. */
const HIDDEN_FIELD = `<input type="hidden" name="leadwake_visitor">
<input type="hidden" name="leadwake_page">`

/** What is stored and who becomes a lead, by what the site's operator and its visitors choose. */
function ConsentChoices({ site }: { site: string }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Choice</th>
          <th scope="col">What it means for leads</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>
            <code>required</code> (new sites), no banner
          </td>
          <td>
            Visits are measured and nothing is kept in the browser. Leads come through forms alone, each with
            the visit of its form and no other.
          </td>
        </tr>
        <tr>
          <td>
            <code>required</code>, with a banner
          </td>
          <td>
            Who says yes is known again for 389 days; what they did in the last 90 counts once they leave
            their name. Who says no is measured.
          </td>
        </tr>
        <tr>
          <td>
            <code>given</code>
          </td>
          <td>
            Every visitor is known again, from the first page. You say that you have consent in another way:{' '}
            <code>leadwake site set {site} --consent given</code>
          </td>
        </tr>
        <tr>
          <td>The browser asks for privacy (GPC, Do Not Track)</td>
          <td>Measured, whatever the setting, until the visitor says yes on your site.</td>
        </tr>
        <tr>
          <td>
            <code>--with cookie</code>
          </td>
          <td>
            The collector sets the cookie of who said yes. Without it Safari forgets them after seven days.
            Page and collector must share a domain.
          </td>
        </tr>
      </tbody>
    </table>
  )
}

export interface SetUpProps {
  origin: string
  site: string
  demo: string | undefined
  /** The tag of the script as it is now. */
  versioned: string | undefined
}

export function SetUp({ origin, site, demo, versioned }: SetUpProps) {
  const { t } = useLocale()
  if (site === demo) {
    return (
      <p>
        <a class="button" href="/demo/">
          Open the demo shop
        </a>{' '}
        and click through it; then reload this page: your visit is here within a second.
      </p>
    )
  }
  return (
    <>
      <ol class="steps">
        <li>
          <h3>Paste this tag into every page</h3>
          <p>Anywhere in the head. It records visits, pages, engaged time, downloads and cart adds.</p>
          <pre data-copy={t.setup.copy} data-copied={t.setup.copied}>
            <code>{scriptTag(origin, site)}</code>
          </pre>
          {versioned ? (
            <details>
              <summary>A tag whose script never changes</summary>
              <p>
                Browsers check its bytes (Subresource Integrity). It stays as it is through upgrades and
                changed settings, until you paste the one that is shown here then.
              </p>
              <pre data-copy={t.setup.copy} data-copied={t.setup.copied}>
                <code>{versioned}</code>
              </pre>
            </details>
          ) : null}
        </li>
        <li>
          <h3>Tell it when a visitor agrees</h3>
          <p>
            Until then nothing is kept in the browser, and a visit has no past and no future: who fills in a
            form becomes a lead without a history. Have your consent banner call this:
          </p>
          <pre>
            <code>leadwake.consent(true)</code>
          </pre>
        </li>
        <li>
          <h3>Know what each choice means for your leads</h3>
          <ConsentChoices site={site} />
        </li>
        <li>
          <h3>Tell it who filled in a form</h3>
          <p>
            Give the form these fields, which the script fills with the ids of visitor and page view, and
            where your server handles the form, pass them and the e-mail on, as <code>visitor</code> and{' '}
            <code>page</code>. What that visitor did before becomes the lead's history.{' '}
            <code>leadwake key new</code> makes a key.
          </p>
          <pre>
            <code>{HIDDEN_FIELD}</code>
          </pre>
          <IdentifyCall origin={origin} site={site} />
        </li>
        <li>
          <h3>Open a page of the site</h3>
          <p>Then reload this one: the visit is here within a second.</p>
        </li>
      </ol>
      {demo ? (
        <p>
          No page at hand? <a href={`/?site=${encodeURIComponent(demo)}`}>The demo site</a> shows what it will
          look like.
        </p>
      ) : null}
    </>
  )
}
