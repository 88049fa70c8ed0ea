import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, Navigate, RouterProvider } from 'react-router'
import { Home } from './home.jsx'
import './measure.js'
import { Product } from './product.jsx'

const router = createBrowserRouter([
  { path: '/', Component: Home },
  { path: '/products/:name', Component: Product },
  { path: '/old-valve', element: <Navigate to="/products/valve" replace /> },
])

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
)
