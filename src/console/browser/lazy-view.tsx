import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { OPERATOR_VIEWS } from './operator-views.ts'
import { Empty, Loading, ViewHead } from './parts.tsx'
import { text } from './text.ts'
import type { ViewProps } from './view-props.ts'

const loadedViews = new Map<string, ComponentType<ViewProps>>()

/** Shows a view, and loads its script before the first time. */
export function LazyView({
  view: { load, path, title },
  ...props
}: ViewProps & { readonly view: (typeof OPERATOR_VIEWS)[number] }): JSX.Element {
  const [failedPath, setFailedPath] = useState<string>()
  const [, drawAgain] = useState(0)
  const View = loadedViews.get(path)
  useEffect(() => {
    if (View !== undefined || failedPath === path) return
    load().then(
      (component) => {
        loadedViews.set(path, component)
        drawAgain((count) => count + 1)
      },
      () => setFailedPath(path),
    )
  }, [path, View, failedPath])
  if (View !== undefined) return <View {...props} />
  return (
    <div>
      <ViewHead title={text(title)} />
      {failedPath === path ? (
        <Empty title={text('This view did not load.')}>
          {text('The server may have a newer version.')}{' '}
          <button type="button" class="small" onClick={() => location.reload()}>
            {text('Reload the page')}
          </button>
        </Empty>
      ) : (
        <Loading />
      )}
    </div>
  )
}
