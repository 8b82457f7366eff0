internal import Anabranch

/// A conversation as `list --json` prints it.
struct ConversationReport: Codable {
  var id: String
  @Nullable var title: String?
  var messages: Int
  var tips: Int
  var diverged: Int
  var conflicts: Int
  var tags: [String]
  var folders: [String]
  /// What a person keeps under names of their own.
  var fields: [String: String]
  /// Answers that nobody has read; null where nobody noted how far it was read.
  @Nullable var unread: Int?
  @Nullable var created: String?
  @Nullable var updated: String?
  var archived: Bool
  var pinned: Bool
  var trashed: Bool
  @Nullable var model: String?

  init(_ summary: ConversationSummary) {
    id = summary.id.description
    title = summary.title
    messages = summary.messages
    tips = summary.tips
    diverged = summary.diverged
    conflicts = summary.conflicts
    tags = summary.tags
    folders = summary.folders
    fields = Dictionary(summary.fields.map { ($0.name, $0.value) }) { first, _ in first }
    unread = summary.unread
    created = summary.created.flatMap(Moment.textIfKnown)
    updated = Moment.textIfKnown(summary.updated)
    archived = summary.archived
    pinned = summary.pinned
    trashed = summary.trashed
    model = summary.model
  }
}

/// A message as `show --json` prints it.
struct MessageReport: Codable {
  var id: String
  var parents: [String]
  var line: String
  var role: String
  @Nullable var author: String?
  @Nullable var model: String?
  var text: String
  /// Whether the content is on this device.
  var present: Bool
  /// Whether somebody changed what it said at first.
  var edited: Bool
  /// Whether it is kept in every context.
  var pinned: Bool
  /// Whether what it said was purged.
  var purged: Bool
  /// The files attached to it.
  var attachments: [AttachmentReport]
  var replica: String
  @Nullable var created: String?

  init(_ message: MessageRecord) {
    id = message.id.description
    parents = message.parents.map(\.description)
    line = message.line.description
    role = message.role.name
    author = message.content?.author
    model = message.content?.model
    text = message.text
    present = message.content != nil
    edited = message.isEdited
    pinned = message.isPinned
    purged = message.isPurged
    attachments = message.attachments.map { AttachmentReport($0) }
    replica = message.log.description
    created = Moment.textIfKnown(message.created)
  }
}

/// A title that nobody has replaced, as `show --json` prints it.
struct TitleReport: Codable {
  var title: String
  var replica: String
  var written: String

  init(_ value: RegisterValue) {
    title = value.text ?? ""
    replica = value.operation.log.description
    written = Moment.text(value.time.milliseconds)
  }
}

/// A conversation as `show --json` prints it.
struct ConversationDetailReport: Codable {
  var id: String
  @Nullable var title: String?
  var tags: [String]
  var folders: [String]
  var fields: [String: String]
  @Nullable var unread: Int?
  var trashed: Bool
  var tips: [String]
  var diverged: [[String]]
  var conflicts: [TitleReport]
  var draft: String
  var notes: String
  var messages: [MessageReport]

  init(_ record: ConversationRecord) {
    id = record.summary.id.description
    title = record.summary.title
    tags = record.summary.tags
    folders = record.summary.folders
    fields = Dictionary(record.summary.fields.map { ($0.name, $0.value) }) { first, _ in first }
    unread = record.summary.unread
    trashed = record.summary.trashed
    tips = record.tips.map(\.description)
    diverged = record.diverged.map { $0.map(\.description) }
    let differ = Set(record.titles.map(\.bytes)).count > 1
    conflicts = differ ? record.titles.map(TitleReport.init) : []
    draft = record.draft
    notes = record.notes
    messages = record.messages.map(MessageReport.init)
  }
}

/// Something that was purged, as `status --json` prints it.
struct PurgeReport: Codable {
  /// A device.
  struct Device: Codable {
    var device: String
    @Nullable var name: String?

    init(_ device: PurgeStatus.Device) {
      self.device = device.key.description
      name = device.name
    }
  }

  var id: String
  /// `conversation`, `message` or `attachment`.
  var kind: String
  /// Whether only what was deleted from its texts went.
  var past: Bool
  var purged: String
  /// Whether no byte of it is left on this device.
  var erased: Bool
  /// The devices that said so of themselves, and those that have not.
  var confirmed: [Device]
  var outstanding: [Device]
  /// Messages written here that it took and its author had not seen.
  var unseen: Int

  init(_ status: PurgeStatus) {
    id = status.record.id.description
    kind = status.record.kind.rawValue
    past = status.record.isPast
    purged = Moment.text(status.record.time.milliseconds)
    erased = status.record.due == nil
    confirmed = status.confirmed.map(Device.init)
    outstanding = status.outstanding.map(Device.init)
    unseen = status.record.unseen
  }
}

/// What `status --json` prints.
struct StatusReport: Codable {
  /// Another replica.
  struct Peer: Codable {
    var device: String
    var name: String
    @Nullable var address: String?
    var contact: String
    var lacks: UInt64
    var isKeptOut: Bool
  }

  /// A log that two databases wrote at once.
  struct Fork: Codable {
    var log: String
    var after: UInt32
    @Nullable var device: String?
    var branches: [String]
  }

  /// Changes that repairs could not keep, and that are not here.
  struct Lost: Codable {
    var log: String
    var first: UInt32
    var last: UInt32
  }

  var replica: String
  var device: String
  var name: String
  var stateHash: String
  var logHash: String
  var versionVector: [String: UInt32]
  var conversations: Int
  var trashed: Int
  var messages: Int
  var diverged: Int
  var conflicts: Int
  var peers: [Peer]
  var onlyHere: UInt64
  var unindexed: UInt64
  var uncounted: Int
  var unproved: UInt64
  /// Where logs have forked: the last change before that, and the branches.
  var forks: [Fork]
  /// What repairs could not keep, and is not here.
  var lost: [Lost]
  /// Attached files that are here whole, and those that are not.
  var files: Int
  var filesLacking: Int
  var purges: [PurgeReport]
  /// The damaged databases that repairs kept and that may have what is not here: purges wait for them.
  var kept: [String]
  /// Whose key is here; null where only its passphrase tells, or it cannot be used.
  @Nullable var key: KeyStandingReport?

  init(
    _ status: ReplicaStatus, _ files: AttachmentTotals, _ purges: [PurgeStatus], kept: [String], _ key: KeyStanding?
  ) {
    self.kept = kept
    self.key = key.map { KeyStandingReport($0) }
    self.files = files.whole
    filesLacking = files.lacking
    self.purges = purges.map(PurgeReport.init)
    replica = status.log.description
    device = status.device.description
    name = status.name
    stateHash = status.stateHash.description
    logHash = status.logHash.description
    versionVector = Dictionary(uniqueKeysWithValues: status.vector.entries.map { ($0.log.description, $0.sequence) })
    conversations = status.conversations
    trashed = status.trashed
    messages = status.messages
    diverged = status.diverged
    conflicts = status.conflicts
    peers = status.peers.map { peer in
      Peer(
        device: peer.record.device.description, name: peer.record.name, address: peer.record.address,
        contact: Moment.text(peer.record.contact), lacks: peer.lacks, isKeptOut: peer.isKeptOut)
    }
    onlyHere = status.onlyHere
    unindexed = status.unindexed
    uncounted = status.uncounted
    unproved = status.unproved
    lost = status.unkept.map {
      Lost(log: $0.log.description, first: $0.changes.lowerBound, last: $0.changes.upperBound)
    }
    forks = status.forks.map { fork in
      Fork(
        log: fork.last.log.description, after: fork.last.sequence, device: fork.device?.description,
        branches: fork.branches.map(\.description))
    }
  }
}
