import type { Plan } from '#core/template/plan.ts'

/** Platforms of which many products are parts: a hundred plugins of one site are one family. */
const platforms = ['wordpress', 'joomla', 'drupal', 'magento', 'prestashop', 'jenkins', 'jira', 'confluence', 'adobe experience manager', 'vmware', 'sap', 'spring', 'laravel', 'php', 'tomcat', 'exchange']

/** The product a template is about, as one word; null: none in particular. */
export function familyOf({ fits }: Plan): string | null {
  const names = fits.filter((fit) => fit.in === 'name').map((fit) => fit.is)
  return platforms.find((platform) => names.includes(platform)) ?? names[0] ?? null
}

/** Products that one server cannot all be: more of them, and it says yes to whatever it is asked. */
export const familiesMost = 12
