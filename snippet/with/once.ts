/** What tells of an add within this time after another way did, tells of the same one. */
const SAME_MS = 5_000

const tell = $cart
let lastAt = 0
let lastWay: number | undefined

$cart = (add, way) => {
  const now = Date.now()
  if (way === lastWay || now - lastAt > SAME_MS) {
    lastWay = way
    lastAt = now
    tell(add)
  }
}
$leadwake.cart = $safe((add: never) => $cart(add))
