import type { StepWords } from './catalogue.ts'
import { setFrench } from './french-typography.ts'

export const stepWords: StepWords = setFrench({
  install: {
    title: 'Installer SPU',
    heading: 'Installez SPU sur le serveur de la clinique',
    lead: 'SPU (Sikka Practice Utility) permet à votre agent IA de travailler avec l’horaire de votre propre système. L’installation se fait une seule fois et prend une dizaine de minutes.',
    steps: [
      {
        heading: 'Téléchargez SPU',
        text: 'Sur l’ordinateur où fonctionne votre logiciel de gestion, habituellement le serveur de la clinique.',
      },
      {
        heading: 'Lancez l’installation',
        text: 'Quand SPU le demande, choisissez votre logiciel de gestion, par exemple Dentrix ou Eaglesoft.',
      },
      {
        heading: 'Laissez l’ordinateur allumé',
        text: 'SPU fait un premier envoi. Cela peut prendre jusqu’à quatre heures; vous n’avez pas à attendre devant l’écran.',
      },
      { heading: 'Revenez à cette page', text: 'Connectez ensuite votre clinique à l’étape suivante.' },
    ],
    download: 'Télécharger SPU',
    downloadOpens: '(s’ouvre dans un nouvel onglet)',
    byEmail: 'Utilisez le lien de téléchargement du courriel de Sikka.',
    copy: 'Copier les instructions',
    copyWhy: 'Une autre personne s’occupe du serveur? Envoyez-lui les instructions.',
    copied: 'Les instructions sont copiées. Collez-les dans un message.',
    notCopied: 'Votre navigateur n’a pas permis la copie. Voici les instructions, à sélectionner et à copier :',
    done: 'C’est installé',
    message: {
      opening:
        'Veuillez installer SPU (Sikka Practice Utility) sur l’ordinateur où fonctionne notre logiciel de gestion, habituellement notre serveur :',
      steps: [
        'Téléchargez SPU sur cet ordinateur.',
        'Lancez l’installation. Quand SPU le demande, choisissez notre logiciel de gestion, par exemple Dentrix ou Eaglesoft.',
        'Laissez l’ordinateur allumé. SPU fait un premier envoi, qui peut prendre jusqu’à quatre heures.',
        'Avisez-moi quand c’est terminé.',
      ],
      byEmail: 'Le lien de téléchargement se trouve dans le courriel que Sikka a envoyé à notre clinique.',
    },
  },

  review: {
    title: 'Vérifier',
    heading: 'Vérifiez votre configuration',
    connectedTo: 'Clinique',
    pmsType: 'Logiciel de gestion',
    since: 'Connectée depuis',
    unknown: 'Inconnu',
    goesOn: 'Votre logiciel de gestion est connecté. Poursuivez la configuration de votre agent IA.',
    done: 'Votre logiciel de gestion est connecté, et la configuration est terminée. Vous pouvez fermer cette page.',
    next: 'Continuer',
  },
})
