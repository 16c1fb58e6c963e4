/** The lines of each icon, drawn for these pages on a grid of 24. */
export const ICON_PATHS = {
  card: ['M3 6.5h18v11H3z', 'M3 10h18', 'M6.5 14.5h4'],
  codeOnBack: ['M3 6.5h18v11H3z', 'M3 10h18', 'M13 12.7h5.5v2.6H13z'],
  codeInFront: ['M3 6.5h18v11H3z', 'M13 8.7h5.5v2.6H13z', 'M6.5 14.5h6'],
  upi: ['M7 3h10v18H7z', 'M10 12.5l1.5 1.5 3-3.5', 'M11 18h2'],
  netbanking: ['M3.5 9.5L12 4l8.5 5.5', 'M5 9.5h14', 'M7 12.5v5M12 12.5v5M17 12.5v5', 'M4 20h16'],
  wallet: [
    'M4 7.5h14.5A1.5 1.5 0 0 1 20 9v9.5H5.5A1.5 1.5 0 0 1 4 17z',
    'M4 7.5L16 4v3.5',
    'M20 12h-4v3h4',
  ],
  bank_transfer: ['M4 8.5h14', 'M14.5 5L18 8.5 14.5 12', 'M20 15.5H6', 'M9.5 12L6 15.5 9.5 19'],
  ach_debit: ['M3.5 9.5L12 4l8.5 5.5', 'M5 9.5h14', 'M7 12.5v5M12 12.5v5M17 12.5v5', 'M4 20h16'],
  check: ['M5 12.5l4.5 4.5L19 7.5'],
  cross: ['M6 6l12 12', 'M18 6L6 18'],
  clock: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M12 7.5V12l3 2'],
  alert: ['M12 4L2.5 20h19z', 'M12 10v4.5', 'M12 17v.5'],
  lock: ['M6 11h12v9H6z', 'M8.5 11V8a3.5 3.5 0 0 1 7 0v3'],
  down: ['M6 9.5l6 6 6-6'],
  phone: ['M8 3h8v18H8z', 'M11 18h2'],
} as const
