import { consent } from 'leadwake/browser'
import { Link } from 'react-router'

export function Home() {
  return (
    <main>
      <title>Pumps and valves</title>
      <h1>Pumps and valves</h1>
      <nav>
        <Link to="/products/pump">The pump</Link> <Link to="/old-valve">The valve</Link>
      </nav>
      <p>
        May we remember that you were here?{' '}
        <button type="button" onClick={() => consent(true)}>
          Yes
        </button>{' '}
        <button type="button" onClick={() => consent(false)}>
          No
        </button>
      </p>
    </main>
  )
}
