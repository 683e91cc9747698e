import { createContext, useContext } from 'react'
import type { Live } from '../api/live.ts'

export const LiveContext = createContext<Live | undefined>(undefined)

export function useLive(): Live {
  const live = useContext(LiveContext)
  if (live === undefined) throw new Error('LiveContext is provided by main.tsx')
  return live
}
