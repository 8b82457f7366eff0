internal import Anabranch
internal import AnabranchExchange

extension Request {
  /// Carries the request out on a replica that is open for writing.
  ///
  /// `progress` is told how far an import is, in bytes.
  func perform(
    on replica: Replica, progress: @escaping @Sendable (ImportProgress) -> Void = { _ in }
  ) async throws -> Response {
    switch self {
    case .new(let title):
      let id = try await replica.newConversation(title)
      return Response(written: Written(conversation: id.description, message: nil))
    case .say(let conversation, let text, let role, let model, let parent):
      let id = try await replica.find(conversation, .conversation)
      var placement = Replica.Placement.shown
      if let parent { placement = .after(try await replica.find(parent, .message)) }
      return try await say(text, in: id, role: role, model: model, at: placement, on: replica)
    case .branch(let message, let text, let role, let model):
      let from = try await replica.find(message, .message)
      let conversation = try await replica.message(from).conversation
      return try await say(text, in: conversation, role: role, model: model, at: .branch(from: from), on: replica)
    case .title(let conversation, let title):
      return try await change(conversation, on: replica) { try await replica.setTitle(title, of: $0) }
    case .tag(let conversation, let tag):
      return try await change(conversation, on: replica) { try await replica.addTag(tag, to: $0) }
    case .untag(let conversation, let tag):
      return try await change(conversation, on: replica) { try await replica.removeTag(tag, from: $0) }
    case .delete(let conversation):
      return try await change(conversation, on: replica) { try await replica.delete($0) }
    case .restore(let conversation):
      return try await change(conversation, on: replica) { try await replica.restore($0) }
    case .importPath(let path):
      let summary = try await replica.importHistory(from: HistoryFile.open(path), progress: progress)
      return Response(imported: ImportReport(summary))
    case .sync(let address):
      return Response(synced: SyncReport(try await replica.sync(with: address)))
    }
  }

  private func say(
    _ text: String, in conversation: ObjectID, role: String, model: String?, at placement: Replica.Placement,
    on replica: Replica
  ) async throws -> Response {
    guard let role = Role(name: role) else {
      throw AnabranchError(.invalid, "expected a role of user, assistant, system or tool, got “\(role)”")
    }
    let id = try await replica.say(text, in: conversation, as: role, model: model, at: placement)
    return Response(written: Written(conversation: conversation.description, message: id.description))
  }

  private func change(
    _ conversation: String, on replica: Replica, _ body: (ObjectID) async throws -> Void
  ) async throws -> Response {
    let id = try await replica.find(conversation, .conversation)
    try await body(id)
    return Response(written: Written(conversation: id.description, message: nil))
  }
}

extension SyncReport {
  init(_ summary: SyncSummary) {
    peer = summary.peer?.description ?? ""
    name = summary.name
    sentChanges = summary.sentChanges
    receivedChanges = summary.receivedChanges
    sentBytes = summary.sentBytes
    receivedBytes = summary.receivedBytes
  }
}
