import { storeSuiteOnCitus } from './engine-openers.ts'

storeSuiteOnCitus(0)
