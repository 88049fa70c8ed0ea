import { scriptTag } from '../tag.ts'
import { useLocale } from './locale.ts'
import { Marked } from './marked.tsx'
import { Table } from './table.tsx'

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
  const { t } = useLocale()
  const choices: [choice: string, meaning: string][] = [
    [t.install.without, t.install.withoutMeans],
    [t.install.with, t.install.withMeans],
    ['`given`', t.install.givenMeans(site)],
    [t.install.privacy, t.install.privacyMeans],
    ['`--with cookie`', t.install.cookieMeans],
  ]
  return (
    <Table
      rows={choices}
      columns={[
        { title: t.install.choice, cell: ([choice]) => <Marked text={choice} /> },
        { title: t.install.meaning, cell: ([, meaning]) => <Marked text={meaning} /> },
      ]}
    />
  )
}

export interface SetUpProps {
  origin: string
  site: string
  demo: string | undefined
  /** The tag of the script as it is now. */
  versioned: string | undefined
}

/** From the tag to the first lead, step by step. */
export function SetUp({ origin, site, demo, versioned }: SetUpProps) {
  const { t } = useLocale()
  if (site === demo) {
    return (
      <p>
        <a class="button" href="/demo/">
          {t.install.openDemo}
        </a>{' '}
        {t.install.demoHow}
      </p>
    )
  }
  const code = (text: string) => (
    <pre data-copy={t.setup.copy} data-copied={t.setup.copied}>
      <code>{text}</code>
    </pre>
  )
  return (
    <>
      <ol class="steps">
        <li>
          <h3>{t.install.tag}</h3>
          <p>{t.install.tagHow}</p>
          {code(scriptTag(origin, site))}
          {versioned ? (
            <details>
              <summary>{t.install.versioned}</summary>
              <p>{t.install.versionedHow}</p>
              {code(versioned)}
            </details>
          ) : null}
        </li>
        <li>
          <h3>{t.install.agrees}</h3>
          <p>{t.install.agreesHow}</p>
          {code('leadwake.consent(true)')}
        </li>
        <li>
          <h3>{t.install.choices}</h3>
          <ConsentChoices site={site} />
        </li>
        <li>
          <h3>{t.install.form}</h3>
          <p>
            <Marked text={t.install.formHow} />
          </p>
          {code(HIDDEN_FIELD)}
          <IdentifyCall origin={origin} site={site} />
        </li>
        <li>
          <h3>{t.install.open}</h3>
          <p>{t.install.openHow}</p>
        </li>
      </ol>
      {demo ? (
        <p>
          {t.install.noPage} <a href={`/?site=${encodeURIComponent(demo)}`}>{t.install.demo}</a>{' '}
          {t.install.demoShows}
        </p>
      ) : null}
    </>
  )
}
