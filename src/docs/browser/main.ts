import { addCopyButtons, addTabs } from './code.ts'
import { addFinder } from './finder.ts'
import { addMenu, addTheme } from './frame.ts'
import { addForms } from './try.ts'

addMenu()
addTheme()
addTabs()
addCopyButtons()
addFinder()
addForms()
