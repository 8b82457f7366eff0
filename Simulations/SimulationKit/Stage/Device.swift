internal import Anabranch
public import AnabranchCore

/// A machine on a ``Stage``, and whoever sits at it.
public struct Device {
  /// What the story calls it.
  public let name: String
  let host: Host
  let simulation: Simulation

  // MARK: What a person does

  /// Starts a conversation.
  public func start(_ title: String) throws -> ObjectID {
    try simulation.call(host) { try $0.newConversation(title) }
  }

  /// Says something where the conversation stands on this machine.
  @discardableResult
  public func say(_ text: String, in conversation: ObjectID, as role: Role = .user) throws -> ObjectID {
    let message = try simulation.call(host) { try $0.say(text, in: conversation, as: role) }
    simulation.ledger.note([text], of: message, in: conversation)
    return message
  }

  /// Has an answer begin whose words come one after the other; it is not complete when this returns.
  @discardableResult
  public func stream(_ words: [String], in conversation: ObjectID) throws -> ObjectID {
    let message = try simulation.call(host) { try $0.beginMessage(in: conversation) }
    for word in words { try simulation.call(host) { try $0.append(word, to: message) } }
    simulation.ledger.note([words.joined()], of: message, in: conversation)
    return message
  }

  /// Calls a conversation something else.
  public func title(_ conversation: ObjectID, _ title: String) throws {
    try simulation.call(host) { try $0.setTitle(title, of: conversation) }
  }

  /// Gives it a tag.
  public func tag(_ conversation: ObjectID, _ tag: String) throws {
    try simulation.call(host) { try $0.addTag(tag, to: conversation) }
  }

  /// Puts it into the trash.
  public func delete(_ conversation: ObjectID) throws {
    try simulation.call(host) { try $0.delete(conversation) }
  }

  /// Imports what another tool has of one and the same person: the higher the version, the newer the export.
  /// Returns how much was new.
  @discardableResult
  public func importHistory(version: Int) throws -> Int {
    let account = simulation.drawn.seed
    return try simulation.call(host) {
      try $0.importAll(from: AccountReader(account: account, version: version)).new
    }
  }

  // MARK: What a person sees

  /// The title that shows.
  public func title(of conversation: ObjectID) throws -> String? {
    try simulation.call(host) { try $0.conversation(conversation).summary.title }
  }

  /// What was said, in the order in which it is read.
  public func reading(of conversation: ObjectID) throws -> [String] {
    try simulation.call(host) { try $0.messages(of: conversation).map(\.text) }
  }

  /// Whether it lies in the trash.
  public func hasDeleted(_ conversation: ObjectID) throws -> Bool {
    try simulation.call(host) { try $0.conversation(conversation).summary.trashed }
  }

  /// How many conversations there are.
  public var conversations: Int {
    get throws { try simulation.call(host) { try $0.conversations().count } }
  }

  /// The logs that some session left out, because two machines wrote different changes under the same numbers.
  public var excludedLogs: Int { host.excluded.count }

  // MARK: What happens to it

  /// Whether the program runs.
  public var isRunning: Bool { host.process != nil }

  /// The power fails. The program starts again after `span`.
  public func losePower(for span: VirtualTime = .seconds(10)) {
    simulation.stop(host, .power, restartAfter: span)
  }

  /// The program is killed. It starts again after `span`.
  public func kill(for span: VirtualTime = .seconds(10)) {
    simulation.stop(host, .kill, restartAfter: span)
  }

  /// Sets the wall clock forth, or back, by that many milliseconds.
  public func setClock(aheadMs: Int64) {
    host.clock.offsetMs = aheadMs
  }

  /// Leaves that many bytes of room on the disk; as much as anybody needs, for nil.
  public func setRoom(_ bytes: Int?) {
    host.disk.setRoom(bytes)
  }

  /// Makes a backup, in place of the one before.
  public func backUp() throws {
    try simulation.backUp(host)
  }

  /// The machine is lost. After `span` its backup is restored on another one; without one, that begins empty at once.
  public func lose(for span: VirtualTime = .seconds(60)) throws {
    try simulation.lose(host, for: span)
  }

  /// Makes `other` a copy of this machine, key and all. It does not know that it is one.
  public func clone(onto other: Device) throws {
    try simulation.call(host) { try $0.close() }
    simulation.stop(host, .kill, restartAfter: .seconds(1))
    simulation.stop(other.host, .kill, restartAfter: .seconds(1))
    other.host.becomeClone(of: host)
    simulation.ledger.noteFork()
  }
}
