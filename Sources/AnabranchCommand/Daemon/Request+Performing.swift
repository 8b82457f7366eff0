internal import Anabranch
internal import AnabranchExchange

extension Request {
  /// Carries the request out on a replica that is open for writing.
  ///
  /// `progress` is told how far an import or an exchange is.
  func perform(
    on replica: Replica, progress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws -> Response {
    switch self {
    case .importPath(let path):
      let summary = try await replica.importHistory(from: HistoryFile.open(path), progress: progress)
      return Response(imported: ImportReport(summary))
    case .sync(let address, let recording):
      let recorder = try recording?.recorder()
      defer { recorder?.close() }
      let report = try await sync(with: address, on: replica, recorder, progress)
      return Response(synced: report, unrecorded: recorder?.failure.map { Failure($0) })
    case .purge(let object, let now):
      let waiting = now ? try await replica.findPurged(object) : nil
      let id = if let waiting { waiting } else { try await replica.find(object) }
      return Response(purged: try await purge(id, now: now, on: replica))
    case .attach(let message, let files):
      let id = try await replica.find(message, .message)
      return Response(attachments: try await attach(files, to: id, on: replica))
    case .fetch(let attachment, let address, let recheck):
      let id = try await replica.find(attachment, .attachment)
      if recheck { _ = try await replica.recheck(id) }
      let record = try await replica.fetch(id, from: address, progress: progress)
      return Response(attachments: try await replica.reports(of: [record]))
    case .new, .say, .branch, .sayDraft, .rewrite, .detach:
      return Response(written: try await write(on: replica))
    case .pin(let object, let isOn):
      return Response(written: try await pin(replica.find(object), isOn, on: replica))
    case .purgePast(let object, let text, let now):
      return Response(past: try await purgePast(of: TextKind(rawValue: text), in: object, now: now, on: replica))
    case .undo(let action, let device, let since):
      return Response(undone: try await Self.undo(action: action, from: device, since: since, on: replica))
    case .setting(let name, let value, let isLocal):
      return Response(setting: try await set(name, to: value, isLocal, on: replica))
    case .title, .tag, .untag, .folder, .unfolder, .field, .read, .archive, .delete, .restore:
      return Response(written: try await change(on: replica))
    case .recover(let phrase, let isAlone):
      try await replica.recover(by: RecoveryPhrase(phrase), isAlone: isAlone)
      return Response(device: try await replica.report(of: replica.device()))
    case .renameDevice(let reference, let new):
      let device = reference.device
      try await replica.rename(device, to: new)
      return Response(device: try await replica.report(of: device))
    case .restrictDevice(let reference, let role):
      let device = reference.device
      try await replica.restrict(device, to: role == MemberRole.outsider.name ? .outsider : MemberRole(name: role))
      return Response(device: try await replica.report(of: device))
    case .metrics:
      return Response(metrics: MetricsReport(try await replica.metrics(), isServed: true))
    case .connections:
      return Response(connections: ConnectionsReport(try await replica.connections()))
    case .sign:
      try await replica.sign()
      return Response()
    case .stream, .watch, .wire, .pair, .join:
      throw AnabranchError(.protocolViolation, "what goes on for a while cannot be answered at once")
    }
  }

  /// Adds a conversation or a message, or changes what one says.
  private func write(on replica: Replica) async throws -> Written? {
    switch self {
    case .new(let title):
      let id = try await replica.newConversation(title)
      return Written(conversation: id.description, message: nil)
    case .say(let conversation, let text, let role, let model, let parent, let files):
      let id = try await replica.find(conversation, .conversation)
      var placement = Replica.Placement.shown
      if let parent { placement = .after(try await replica.find(parent, .message)) }
      let message = try await replica.say(
        text, in: id, as: Self.role(role), model: model, at: placement, attaching: Self.opened(files))
      return Written(conversation: id.description, message: message.description)
    case .branch(let from, let text, let role, let model):
      let origin = try await replica.find(from, .message)
      let id = try await replica.message(origin).conversation
      let message = try await replica.say(
        text, in: id, as: Self.role(role), model: model, at: .branch(from: origin))
      return Written(conversation: id.description, message: message.description)
    case .detach(let attachment):
      let id = try await replica.find(attachment, .attachment)
      let message = try await replica.attachment(id).message
      try await replica.detach(id)
      let conversation = try await replica.message(message).conversation
      return Written(conversation: conversation.description, message: message.description)
    case .sayDraft(let conversation):
      let id = try await replica.find(conversation, .conversation)
      let message = try await replica.sayDraft(in: id)
      return Written(conversation: id.description, message: message.description)
    case .rewrite(let object, let text, let old, let new):
      let text = TextKind(rawValue: text)
      let id = try await replica.find(object, text == .body ? .message : .conversation)
      let isChanged = try await replica.rewrite(text, of: id, from: old, to: new)
      let conversation = text == .body ? try await replica.message(id).conversation : id
      return Written(
        conversation: conversation.description, message: text == .body ? id.description : nil,
        unchanged: isChanged ? nil : true)
    default:
      return nil
    }
  }

  private func attach(
    _ files: [String], to message: ObjectID, on replica: Replica
  ) async throws -> [AttachmentReport] {
    var records: [AttachmentRecord] = []
    for id in try await replica.attach(Self.opened(files), to: message) {
      records.append(try await replica.attachment(id))
    }
    return try await replica.reports(of: records)
  }

  private static func opened(_ files: [String]) throws -> [any AttachmentSource] {
    try files.map { try AttachmentFile(at: $0) }
  }

  static func role(_ name: String) throws -> Role {
    guard let role = Role(name: name) else {
      throw AnabranchError(.invalid, "expected a role of user, assistant, system or tool, got “\(name)”")
    }
    return role
  }

  /// One exchange. Interrupted, it ends in good order and yet has not exchanged everything, so that is thrown.
  private func sync(
    with address: String, on replica: Replica, _ recorder: SessionRecorder?,
    _ progress: @escaping @Sendable (WorkProgress) -> Void
  ) async throws -> SyncReport {
    do {
      let summary = try await replica.sync(with: address, recorder: recorder, progress: progress)
      try Task.checkCancellation()
      return SyncReport(summary, names: try await replica.logNames())
    } catch {
      try Task.checkCancellation()
      throw error
    }
  }

  /// Sets something, on all devices or on this one alone.
  private func set(
    _ name: String, to value: String?, _ isLocal: Bool, on replica: Replica
  ) async throws -> SettingReport {
    if isLocal {
      try await replica.setLocalSetting(name, to: value)
    } else {
      try await replica.setSetting(name, to: value)
    }
    return SettingReport(name: name, value: value, local: isLocal)
  }

  /// Pins a conversation, or a message, or lets it go.
  private func pin(_ id: ObjectID, _ isOn: Bool, on replica: Replica) async throws -> Written {
    try await replica.setPinned(isOn, of: id)
    let holder = try? await replica.message(id).conversation
    return Written(conversation: (holder ?? id).description, message: holder == nil ? nil : id.description)
  }

  /// Takes something away, and its bytes too where they are due.
  private func purge(_ id: ObjectID, now: Bool, on replica: Replica) async throws -> PurgedReport {
    let stays = try await PurgedReport.staying(after: id, on: replica)
    try await replica.purge(id, immediately: now)
    while now, try await replica.eraseStep() == .more {}
    let record = try await replica.purges().first { $0.record.id == id }?.record
    let due = record?.due.flatMap { $0 > 0 ? Moment.text($0) : nil }
    return PurgedReport(id: id.description, erased: record?.due == nil, due: due, stays: stays)
  }

  /// Takes away what was deleted from a text, and its bytes too where they are due.
  private func purgePast(
    of text: TextKind, in object: String, now: Bool, on replica: Replica
  ) async throws -> PastReport {
    let id = try await replica.find(object, text == .body ? .message : .conversation)
    let count = try await replica.purgePast(of: text, in: id, immediately: now)
    while now, try await replica.eraseStep() == .more {}
    let isErased = try await replica.purges().first { $0.record.id == id && $0.record.isPast }?.record.due == nil
    return PastReport(id: id.description, characters: count, erased: isErased)
  }

  /// Does something to a conversation that is there.
  private func change(on replica: Replica) async throws -> Written? {
    guard let target else { return nil }
    let id = try await replica.find(target, .conversation)
    var wasSo = false
    switch self {
    case .title(_, let title): try await replica.setTitle(title, of: id)
    case .tag(_, let tag): try await replica.addTag(tag, to: id)
    case .untag(_, let tag): try await replica.removeTag(tag, from: id)
    case .folder(_, let folder): try await replica.addFolder(folder, to: id)
    case .unfolder(_, let folder): try await replica.removeFolder(folder, from: id)
    case .field(_, let name, let value): try await replica.setField(name, to: value, of: id)
    case .read: try await replica.markRead(id)
    case .archive(_, let isOn): try await replica.setArchived(isOn, of: id)
    case .delete: try await replica.delete(id)
    case .restore:
      wasSo = try await !replica.summary(of: id).trashed
      try await replica.restore(id)
    default: return nil
    }
    return Written(conversation: id.description, message: nil, unchanged: wasSo ? true : nil)
  }

  /// The conversation that is changed, as a person named it.
  private var target: String? {
    switch self {
    case .title(let id, _), .tag(let id, _), .untag(let id, _), .folder(let id, _), .unfolder(let id, _),
      .field(let id, _, _), .read(let id), .archive(let id, _), .delete(let id), .restore(let id):
      id
    default: nil
    }
  }
}

extension SyncReport {
  init(_ summary: SyncSummary, names: LogNames) {
    peer = summary.peer?.description ?? ""
    name = summary.name
    sentChanges = summary.sentChanges
    receivedChanges = summary.receivedChanges
    sentBytes = summary.sentBytes
    receivedBytes = summary.receivedBytes
    excluded = summary.excluded.map { ExcludedReport($0, names: names) }
  }
}
