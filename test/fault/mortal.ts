/**
 * Whoever imports this dies whenever it comes to a visitor or a site that is called 'poison': an end that no savepoint
 * survives, as where memory runs out.
 */
const { get, set } = Map.prototype
const isPoison = (key: unknown) => typeof key === 'string' && /(^|\0)poison$/.test(key)

Map.prototype.get = function (key) {
  if (isPoison(key)) process.exit(3)
  return get.call(this, key)
}
Map.prototype.set = function (key, value) {
  if (isPoison(key)) process.exit(3)
  return set.call(this, key, value)
}

export {}
