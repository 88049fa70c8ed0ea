import { cart, event } from 'leadwake/browser'
import { Link, useParams } from 'react-router'

export function Product() {
  const { name } = useParams()
  return (
    <main>
      <title>{`The ${name}`}</title>
      <h1>The {name}</h1>
      <button type="button" onClick={() => cart({ product: name, quantity: 1, price: 120, currency: 'EUR' })}>
        Add to cart
      </button>{' '}
      <button type="button" onClick={() => event('size_calculated', { product: name })}>
        Calculate the size
      </button>
      <p>
        <Link to="/">Home</Link>
      </p>
    </main>
  )
}
