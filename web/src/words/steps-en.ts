/** The words of the steps before and after the connection, loaded with them. */
export const stepWords = {
  install: {
    title: 'Install SPU',
    heading: 'Install SPU on your office server',
    lead: 'SPU (Sikka Practice Utility) lets your AI agent work with the schedule in your own system. It is installed once and takes about ten minutes.',
    steps: [
      {
        heading: 'Download SPU',
        text: 'On the computer that runs your practice management system, usually the office server.',
      },
      {
        heading: 'Run the installer',
        text: 'Choose your practice management system, such as Dentrix or Eaglesoft, when SPU asks for it.',
      },
      {
        heading: 'Leave the computer on',
        text: 'SPU uploads for the first time. That can take up to four hours; you need not wait at the screen.',
      },
      { heading: 'Come back to this page', text: 'Then connect your practice in the next step.' },
    ],
    download: 'Download SPU',
    downloadOpens: '(opens in a new tab)',
    byEmail: 'Use the download link in the e-mail from Sikka.',
    copy: 'Copy the instructions',
    copyWhy: 'Does someone else look after the server? Send them the instructions.',
    copied: 'The instructions are copied. Paste them into a message.',
    notCopied: 'Your browser did not allow copying. Here are the instructions, to be selected and copied:',
    done: 'I have installed it',
    message: {
      opening:
        'Please install SPU (Sikka Practice Utility) on the computer that runs our practice management system, usually our office server:',
      steps: [
        'Download SPU on that computer.',
        'Run the installer. When SPU asks for it, choose our practice management system, such as Dentrix or Eaglesoft.',
        'Leave the computer on. SPU uploads for the first time, which can take up to four hours.',
        'Let me know when it is done.',
      ],
      byEmail: 'The download link is in the e-mail that Sikka sent to our practice.',
    },
  },

  review: {
    title: 'Review',
    heading: 'Review your setup',
    connectedTo: 'Practice',
    pmsType: 'Practice management system',
    since: 'Connected since',
    unknown: 'Not known',
    goesOn: 'Your practice management system is connected. Continue with the setup of your AI agent.',
    done: 'Your practice management system is connected, and the setup is complete. You can close this page.',
    next: 'Continue',
  },
} as const
