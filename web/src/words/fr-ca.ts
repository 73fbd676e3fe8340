import type { Words } from './catalogue.ts'
import { setFrench } from './french-typography.ts'

/** Canadian French. */
const ourSide = 'Le problème est de notre côté, et rien n’a changé. Veuillez réessayer dans quelques minutes.'
const refused =
  'Sikka n’accepte plus notre accès à votre clinique. Connectez-la de nouveau pour rétablir votre agent IA.'
const lost = 'Notre accès à votre clinique a été perdu. Connectez-la de nouveau pour rétablir votre agent IA.'
const denied =
  'L’accès a été refusé sur la page de Sikka. Rien n’a changé. Pour vous connecter, choisissez Allow (Autoriser) sur cette page.'
const failed = 'La connexion au logiciel de gestion a échoué. Veuillez réessayer.'
const cancelled = 'Autorisation annulée. Vous pouvez réessayer à tout moment.'

export const words: Words = setFrench({
  product: 'Parlae',
  frame: {
    skip: 'Passer au contenu',
    signOut: 'Fermer la session',
    loading: 'Chargement...',
  },

  signIn: {
    title: 'Ouvrir une session',
    heading: 'Ouvrez une session pour configurer votre agent IA',
    detail: 'Utilisez le compte de votre clinique.',
    button: 'Ouvrir une session',
    endedHeading: 'Votre session est fermée',
    endedDetail:
      'Ouvrez une session de nouveau pour reprendre où vous en étiez. Une connexion en cours se poursuit entre-temps.',
    leaving: 'Redirection vers la page d’ouverture de session...',
    arriving: 'Ouverture de votre session...',
    signingOut: 'Fermeture de votre session...',
  },
  signInProblem: {
    title: 'Problème d’ouverture de session',
    refused: 'L’ouverture de session n’a pas abouti',
    refusedDetail: 'Rien n’a changé. Veuillez essayer de nouveau.',
    unreachable: 'Le service d’ouverture de session ne répond pas',
    unreachableDetail:
      'Il s’agit probablement d’une courte interruption. Vérifiez votre connexion Internet et réessayez.',
    retry: 'Réessayer',
  },
  configProblem: {
    title: 'Page incomplète',
    heading: 'Cette page n’a pas pu être chargée au complet',
    detail:
      'Impossible de communiquer avec notre serveur. Vérifiez votre connexion Internet et réessayez dans un instant.',
    retry: 'Réessayer',
  },
  storageProblem: {
    title: 'Stockage bloqué',
    heading: 'Votre navigateur empêche cette page d’enregistrer des données',
    detail:
      'Sans cela, vous ne pouvez pas ouvrir de session. Dans les paramètres de votre navigateur, autorisez les témoins et les données de site pour cette adresse, puis rechargez la page.',
  },
  crash: {
    title: 'Une erreur est survenue',
    heading: 'Une erreur est survenue sur cette page',
    detail: 'Votre connexion n’est pas touchée. Rechargez la page pour continuer.',
    button: 'Recharger la page',
  },
  notFound: {
    title: 'Page introuvable',
    heading: 'Cette page n’existe pas',
    detail: 'L’adresse est peut-être mal écrite, ou la page a été déplacée.',
    link: 'Aller à la configuration',
  },

  wizard: {
    label: 'Étapes de la configuration',
    position: 'Étape {step} sur {steps}',
    steps: { install: 'Installer SPU', connect: 'Connecter', review: 'Vérifier' },
    done: 'terminée',
  },

  setup: {
    title: 'Connecter votre clinique',
    heading: 'Connectez votre logiciel de gestion',
    lead: 'Votre agent IA travaille avec l’horaire et les patients de votre propre système. Sikka établit la connexion.',
  },

  loading: { heading: 'Chargement de votre configuration...' },
  unreachable: { heading: 'Impossible d’afficher votre configuration pour le moment' },
  broken: {
    heading: 'Une erreur est survenue',
    detail:
      'Impossible de connaître l’état de votre connexion. Veuillez réessayer ou communiquer avec le soutien technique.',
    button: 'Réessayer',
  },

  notConnected: {
    heading: 'Installez SPU, puis établissez la connexion',
    detail: 'SPU (Sikka Practice Utility) est déjà installé? Établissez la connexion dès maintenant.',
    readyHeading: 'Tout est prêt pour la connexion',
    readyDetail: 'Autorisez l’accès sur la page de Sikka. Vous serez ensuite ramené ici automatiquement.',
    steps: [
      'Sur l’ordinateur où fonctionne votre logiciel de gestion, habituellement le serveur de la clinique, téléchargez SPU (Sikka Practice Utility) chez Sikka.',
      'Lancez l’installation et choisissez votre logiciel de gestion quand SPU le demande.',
      'Laissez l’ordinateur allumé jusqu’à la fin du premier envoi de SPU. Cela peut prendre quelques heures.',
      'Revenez à cette page, choisissez Connecter avec Sikka et autorisez l’accès.',
    ],
    toInstall: 'Comment installer SPU',
    button: 'Connecter avec Sikka',
  },

  redirecting: {
    heading: 'Redirection vers la page de Sikka...',
    detail: 'Choisissez Allow (Autoriser) sur la page de Sikka. Vous serez ensuite ramené ici automatiquement.',
  },

  connecting: {
    heading: 'Connexion à votre logiciel de gestion...',
    detail: 'Cela prend habituellement moins d’une minute et se poursuit même si vous fermez cette page.',
    states: { done: 'terminé', current: 'en cours', next: 'à venir' },
    steps: {
      authorized: { doing: 'Autorisation de l’accès', done: 'Accès autorisé' },
      keys_received: { doing: 'Réception des clés', done: 'Clés reçues' },
      practice_found: { doing: 'Recherche de votre clinique', done: 'Clinique trouvée' },
      stored: { doing: 'Enregistrement de la connexion', done: 'Connexion enregistrée' },
    },
  },

  connected: {
    heading: 'Connexion établie avec {practice}',
    yourPractice: 'votre clinique',
    since: 'Connectée depuis le {time}',
    agentCan: 'Votre agent IA peut maintenant :',
    abilities: ['Prendre des rendez-vous', 'Vérifier les disponibilités', 'Consulter les renseignements des patients'],
    button: 'Continuer vers la vérification',
  },

  choosing: {
    heading: 'Quelle clinique voulez-vous connecter?',
    detail: 'Votre autorisation chez Sikka en couvre plus d’une. Vous avez dix minutes pour répondre.',
    single:
      'Sikka indique cette clinique sans confirmer qu’il s’agit de la vôtre. Vous avez dix minutes pour répondre.',
    legend: 'Cliniques',
    search: 'Rechercher par nom, ville, logiciel ou numéro d’établissement',
    found: '{count} cliniques affichées sur {all}',
    places: '{count} emplacements',
    office: 'Numéro d’établissement {id}',
    replaces: 'Celle que vous choisissez remplace {practice}, connectée actuellement.',
    button: 'Connecter cette clinique',
    notListed: 'La vôtre n’est pas dans la liste? Recommencez, ou communiquez avec le soutien technique.',
    again: 'Recommencer',
  },
  replacing: {
    heading: 'Remplacer {old} par {new}?',
    detail:
      'Un compte ne peut avoir qu’une seule clinique connectée. Votre agent IA travaillerait dorénavant avec la nouvelle, et non plus avec l’autre. Vous avez dix minutes pour répondre.',
    yes: 'Oui, remplacer',
    keep: 'Non, garder {practice}',
    keepMeans: 'Si vous la gardez, rien ne change, et vous pouvez recommencer avec une autre clinique.',
  },

  disconnect: {
    open: 'Déconnecter la clinique',
    heading: 'Déconnecter {practice}?',
    detail:
      'Votre agent IA cesse immédiatement de travailler avec cette clinique : il ne peut plus prendre de rendez-vous, vérifier les disponibilités ni consulter les renseignements des patients. Ses clés sont révoquées et supprimées. Vous pouvez la connecter de nouveau à tout moment.',
    yes: 'Oui, déconnecter',
    doing: 'Déconnexion en cours...',
    no: 'Garder la connexion',
    done: 'Votre clinique est déconnectée, et votre agent IA n’y a plus accès.',
  },

  failed: {
    headings: {
      ACCESS_DENIED: cancelled,
      CODE_REJECTED: 'L’autorisation a échoué. Veuillez réessayer ou communiquer avec le soutien technique.',
      CONFLICT: 'Cette clinique est déjà connectée à un autre compte.',
      NO_PRACTICE: failed,
      SEVERAL_PRACTICES: failed,
      OFFICE_UNPROVEN: failed,
      PROVIDER_ERROR: failed,
      PROVIDER_UNAVAILABLE: failed,
      BAD_RESPONSE: failed,
      CONFIG: failed,
      STORAGE_UNAVAILABLE: failed,
      EXPIRED: failed,
      DECLINED: 'Vous avez choisi de ne pas connecter cette clinique. Vous pouvez réessayer à tout moment.',
      REPLACED: 'Vous avez commencé une nouvelle tentative. Celle-ci est donc terminée.',
      DISCONNECTED: 'Vous avez déconnecté la clinique. Cette tentative est donc terminée.',
      INTERRUPTED: failed,
      RECONNECT_REQUIRED: failed,
      KEYS_UNREADABLE: failed,
      INTERNAL: failed,
      access_denied: cancelled,
      invalid_state: failed,
      expired_state: failed,
      invalid_request: failed,
      temporarily_unavailable: failed,
      too_many_requests: failed,
    },
    advice: {
      ACCESS_DENIED: denied,
      CODE_REJECTED: 'Sikka n’a pas accepté l’autorisation. Rien n’a changé.',
      CONFLICT:
        'Une clinique ne peut être connectée qu’à un seul compte. Ouvrez une session avec ce compte, ou communiquez avec le soutien technique.',
      NO_PRACTICE:
        'Votre clinique ne figure pas encore dans la liste de Sikka. Vérifiez que SPU est installé et que son premier envoi est terminé.',
      SEVERAL_PRACTICES:
        'Sikka ne dit pas quelle clinique est la vôtre, et sa liste ne le montre pas. Veuillez communiquer avec le soutien technique.',
      OFFICE_UNPROVEN:
        'Sikka n’a pas confirmé quelle clinique est la vôtre. Aucune n’a été connectée. Veuillez communiquer avec le soutien en indiquant la référence ci-dessous.',
      PROVIDER_ERROR: 'Sikka a signalé un problème. Rien n’a changé.',
      PROVIDER_UNAVAILABLE: 'Sikka ne répond pas pour le moment. Veuillez réessayer dans quelques minutes.',
      BAD_RESPONSE: 'Nous n’avons pas compris la réponse de Sikka. Rien n’a changé.',
      CONFIG: ourSide,
      STORAGE_UNAVAILABLE: ourSide,
      EXPIRED: 'La tentative n’a pas été terminée en dix minutes. Elle a pris fin.',
      DECLINED: 'La clinique proposée n’est pas connectée, et rien n’a changé.',
      REPLACED: 'Une nouvelle tentative a été commencée à sa place.',
      DISCONNECTED: 'La clinique a été déconnectée pendant cette tentative.',
      INTERRUPTED: 'La connexion a été interrompue avant la fin.',
      RECONNECT_REQUIRED: refused,
      KEYS_UNREADABLE: lost,
      INTERNAL: ourSide,
      access_denied: denied,
      invalid_state:
        'La réponse de Sikka ne correspondait à aucune tentative entreprise dans ce navigateur. Elle n’a pas été utilisée.',
      expired_state: 'L’accès n’a pas été autorisé sur la page de Sikka en dix minutes. La tentative est close.',
      invalid_request: 'La réponse de Sikka était incomplète. Elle n’a pas été utilisée.',
      temporarily_unavailable:
        'Notre serveur était occupé à ce moment-là. Si la connexion aboutit quand même, cette page le montre.',
      too_many_requests:
        'Trop de personnes sont revenues de Sikka en même temps. Cette réponse n’a pas été utilisée. Attendez une minute, puis réessayez.',
    },
    button: 'Réessayer',
    reference: 'Référence pour le soutien technique :',
    checkSpu: 'Vérifier l’installation de SPU',
  },
  copying: {
    button: 'Copier',
    reference: 'Copier la référence',
    copied: 'Copiée.',
    refused: 'Votre navigateur n’a pas permis la copie. La référence est sélectionnée : copiez-la au clavier.',
  },
  support: {
    label: 'Soutien technique :',
    page: 'Page du soutien technique',
    none: 'Pour obtenir du soutien, adressez-vous à la personne qui vous a donné accès à cette page.',
  },
  stillConnected: '{practice} est toujours connectée. Cette tentative n’a rien changé.',
  lost: {
    heading: 'La connexion avec {practiceName} ne fonctionne plus.',
    advice: 'Connectez de nouveau pour la rétablir.',
    reasons: { RECONNECT_REQUIRED: refused, KEYS_UNREADABLE: lost },
    button: 'Reconnecter',
  },

  timedOut: {
    heading: 'Le délai de connexion est dépassé. Veuillez réessayer ou communiquer avec le soutien technique.',
    detail:
      'Le résultat n’est pas encore connu, et votre clinique peut encore être connectée. Nous continuons de vérifier, et cette page sera mise à jour dès que le résultat sera connu.',
    button: 'Vérifier de nouveau',
    checking: 'Vérification...',
    checkedAt: 'Il n’y a pas encore de résultat. Vérifié à {time}.',
  },

  noticeBeside: {
    connecting: 'Une autre connexion est en cours et se poursuit.',
    connected: 'Votre clinique est toujours connectée.',
  },

  trouble: {
    offline: 'Vous êtes hors ligne. Nous continuons dès que votre connexion Internet est rétablie.',
    unreachable:
      'Notre serveur ne répond pas pour le moment. Nous continuons d’essayer, et une connexion en cours se poursuit sans cette page.',
    busy: 'Notre serveur nous demande d’attendre un instant. Nous continuons automatiquement.',
  },

  problem: {
    sending: 'Envoi de votre réponse...',
    tooMany: 'Il y a eu trop de tentatives en peu de temps.',
    gone: 'Il n’est plus possible de répondre à cette question : le délai est écoulé, ou la réponse a été donnée dans une autre fenêtre. Vous pouvez recommencer.',
    inAMinute: 'Veuillez réessayer dans une minute.',
    inMinutes: 'Veuillez réessayer dans {minutes} minutes.',
  },
  startProblem: {
    unreachable:
      'Impossible de communiquer avec notre serveur, et aucune connexion n’a été entreprise. Vérifiez votre connexion Internet et réessayez.',
    unavailable: 'Impossible d’établir une connexion pour le moment. Veuillez réessayer dans quelques minutes.',
    other:
      'Une erreur est survenue, et aucune connexion n’a été entreprise. Veuillez réessayer ou communiquer avec le soutien technique.',
  },
  chooseProblem: {
    unreachable: 'Impossible de communiquer avec notre serveur. Vérifiez votre connexion Internet et réessayez.',
    unavailable: 'Impossible d’enregistrer votre réponse pour le moment. Veuillez réessayer dans un instant.',
    other: 'Une erreur est survenue. Veuillez réessayer ou communiquer avec le soutien technique.',
  },
  disconnectProblem: {
    unreachable: 'Impossible de communiquer avec notre serveur. Vérifiez votre connexion Internet et réessayez.',
    unavailable: 'Impossible de déconnecter la clinique pour le moment. Veuillez réessayer dans un instant.',
    other: 'Une erreur est survenue. Veuillez réessayer ou communiquer avec le soutien technique.',
  },

  history: {
    heading: 'Historique de la connexion',
    none: 'Aucun événement pour le moment.',
    more: 'Afficher les événements antérieurs',
    loading: 'Chargement...',
    failed: 'L’historique ne peut pas être chargé pour le moment.',
    retry: 'Réessayer',
    events: {
      started: 'Connexion entreprise',
      authorized: 'Accès autorisé chez Sikka',
      denied: 'Accès refusé chez Sikka',
      refused: 'Une réponse de Sikka n’a pas été utilisée',
      chosen: 'Clinique choisie',
      connected: 'Clinique connectée',
      failed: 'Échec de la connexion',
      expired: 'Non terminée à temps',
      cancelled: 'Tentative terminée',
      refreshed: 'Accès renouvelé automatiquement',
      reconnect_required: 'La connexion ne fonctionne plus',
      disconnected: 'Clinique déconnectée',
    },
    from: 'Nouvel événement',
  },

  toasts: {
    label: 'Avis',
    close: 'Fermer cet avis',
    connected: '{practice} est connectée.',
    disconnected: 'Votre clinique est déconnectée.',
  },
})
