import { Link } from '@tanstack/react-router'

export function SledLink({
  site,
  sled,
  short = false,
}: {
  site: string
  sled: string
  short?: boolean
}) {
  return (
    <Link
      to="/sites/$site/sleds/$sled"
      params={{ site, sled }}
      className="font-medium hover:underline"
    >
      {short ? sled : `${site}/${sled}`}
    </Link>
  )
}

export function SiteLink({ site, children }: { site: string; children?: string }) {
  return (
    <Link to="/sites/$site" params={{ site }} className="font-medium hover:underline">
      {children ?? site}
    </Link>
  )
}
