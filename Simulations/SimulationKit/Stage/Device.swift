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
    simulation.tell("• \(name) starts “\(title)”")
    return try simulation.call(host) { try $0.newConversation(title) }
  }

  /// Says something where the conversation stands on this machine.
  @discardableResult
  public func say(_ text: String, in conversation: ObjectID, as role: Role = .user) throws -> ObjectID {
    simulation.tell("• \(name) says “\(text)”")
    let message = try simulation.call(host) { try $0.say(text, in: conversation, as: role) }
    simulation.ledger.note([text], of: message, in: conversation)
    return message
  }

  /// Has an answer begin whose words come one after the other; it is not complete when this returns.
  @discardableResult
  public func stream(_ words: [String], in conversation: ObjectID) throws -> ObjectID {
    simulation.tell("• \(name) hears “\(words.joined())”")
    let message = try simulation.call(host) { try $0.beginMessage(in: conversation) }
    for word in words { try simulation.call(host) { try $0.append(word, to: message) } }
    simulation.ledger.note([words.joined()], of: message, in: conversation)
    return message
  }

  /// Has the answer go on that was begun by ``stream(_:in:)`` on this machine.
  public func goOn(_ word: String, with message: ObjectID) throws {
    simulation.tell("• \(name) hears “\(word)”")
    let (before, place) = try simulation.call(host) { replica in
      let found = try replica.message(message)
      return (found.message.text, found.conversation)
    }
    try simulation.call(host) { try $0.append(word, to: message) }
    simulation.ledger.note([before + word], of: message, in: place)
  }

  /// Calls a conversation something else.
  public func title(_ conversation: ObjectID, _ title: String) throws {
    simulation.tell("• \(name) calls it “\(title)”")
    try simulation.call(host) { try $0.setTitle(title, of: conversation) }
  }

  /// Gives it a tag.
  public func tag(_ conversation: ObjectID, _ tag: String) throws {
    simulation.tell("• \(name) tags it “\(tag)”")
    try simulation.call(host) { try $0.addTag(tag, to: conversation) }
  }

  /// Takes one away.
  public func untag(_ conversation: ObjectID, _ tag: String) throws {
    simulation.tell("• \(name) takes the tag “\(tag)” away")
    try simulation.call(host) { try $0.removeTag(tag, from: conversation) }
  }

  /// Puts it into the trash.
  public func delete(_ conversation: ObjectID) throws {
    simulation.tell("• \(name) deletes a conversation")
    try simulation.call(host) { try $0.delete(conversation) }
  }

  /// Takes it out of the trash.
  public func restore(_ conversation: ObjectID) throws {
    simulation.tell("• \(name) restores a conversation")
    try simulation.call(host) { try $0.restore(conversation) }
  }

  /// Edits an earlier turn: says something else in its place.
  @discardableResult
  public func branch(from message: ObjectID, _ text: String, as role: Role = .user) throws -> ObjectID {
    simulation.tell("• \(name) says “\(text)” instead")
    let place = try simulation.call(host) { try $0.message(message).conversation }
    let new = try simulation.call(host) { try $0.say(text, in: place, as: role, at: .branch(from: message)) }
    simulation.ledger.note([text], of: new, in: place)
    return new
  }

  /// Imports what another tool has of one and the same person: the higher the version, the newer the export.
  /// Returns how much was new.
  @discardableResult
  public func importHistory(version: Int) throws -> Int {
    simulation.tell("• \(name) imports version \(version)")
    let account = simulation.drawn.seed
    return try simulation.call(host) {
      try $0.importAtOnce(from: AccountReader(account: account, version: version))
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

  /// What a message says with what is being written of it right now, here or elsewhere.
  public func liveReading(of message: ObjectID) throws -> String {
    try simulation.call(host) { try $0.liveText(of: message) }
  }

  /// What a message says in the history.
  public func reading(ofMessage message: ObjectID) throws -> String {
    try simulation.call(host) { try $0.message(message).message.text }
  }

  /// Whether it lies in the trash.
  public func hasDeleted(_ conversation: ObjectID) throws -> Bool {
    try simulation.call(host) { try $0.conversation(conversation).summary.trashed }
  }

  /// Its tags.
  public func tags(of conversation: ObjectID) throws -> [String] {
    try simulation.call(host) { try $0.conversation(conversation).summary.tags }
  }

  /// The conversation of that title, which the story says there is.
  public func conversation(titled title: String) throws -> ObjectID {
    let all = try simulation.call(host) { try $0.conversations() }
    guard let found = all.first(where: { $0.title == title }) else {
      throw Stage.Expectation(claim: "\(name) has a conversation “\(title)”", time: simulation.scheduler.now)
    }
    return found.id
  }

  /// How many conversations there are.
  public var conversations: Int {
    get throws { try simulation.call(host) { try $0.conversations().count } }
  }

  /// The logs that some session left out, because two machines wrote different changes under the same numbers.
  public var excludedLogs: Int { host.excluded.count }

  /// The bytes of a copy of its database, as somebody may hand it over: what a program on a real machine can read.
  public func database() throws -> [UInt8] {
    guard let bytes = try simulation.database(of: host) else {
      throw Stage.Expectation(claim: "\(name)'s program runs", time: simulation.scheduler.now)
    }
    return bytes
  }

  // MARK: What happens to it

  /// Whether the program runs.
  public var isRunning: Bool { host.process != nil }

  /// The power fails. The program starts again after `span`.
  public func losePower(for span: VirtualTime = .seconds(10)) {
    simulation.tell("✶ \(name) loses its power for \(span)")
    simulation.stop(host, .power, restartAfter: span)
  }

  /// The program is killed. It starts again after `span`.
  public func kill(for span: VirtualTime = .seconds(10)) {
    simulation.tell("✶ \(name)'s program is killed for \(span)")
    simulation.stop(host, .kill, restartAfter: span)
  }

  /// Sets the wall clock forth, or back, by that many milliseconds.
  public func setClock(aheadMs: Int64) {
    simulation.tell("✶ \(name)'s clock is \(aheadMs) ms ahead")
    simulation.draw("the clock of \(name) is set", on: host, .fault)
    host.clock.offsetMs = min(max(aheadMs, -HostClock.offsetMsMax), HostClock.offsetMsMax)
  }

  /// Leaves that many bytes of room on the disk; as much as anybody needs, for nil.
  public func setRoom(_ bytes: Int?) {
    simulation.tell("✶ \(name)'s disk has room for \(bytes.map { "\($0) bytes" } ?? "all")")
    let isFull = bytes != nil
    simulation.draw(
      "the disk of \(name) \(isFull ? "is almost full" : "has room again")", on: host, isFull ? .fault : .relief)
    host.disk.setRoom(bytes)
  }

  /// Makes a backup, in place of the one before.
  public func backUp() throws {
    simulation.tell("• \(name) makes a backup")
    try simulation.backUp(host)
  }

  /// The machine is lost. After `span` its backup is restored on another one; without one, that begins empty at once.
  public func lose(for span: VirtualTime = .seconds(60)) throws {
    simulation.tell("✶ \(name) is lost; its backup comes back after \(span)")
    simulation.draw("\(name) is lost", on: host, .fault)
    try simulation.lose(host, for: span)
  }

  /// Makes `other` a copy of this machine, key and all. It does not know that it is one.
  public func clone(onto other: Device) throws {
    simulation.tell("✶ \(other.name) becomes a copy of \(name)")
    try simulation.call(host) { try $0.close() }
    simulation.draw("\(other.name) becomes a copy of \(name)", on: other.host, .fault)
    simulation.stop(host, .kill, restartAfter: .seconds(1), isTold: false)
    simulation.stop(other.host, .kill, restartAfter: .seconds(1), isTold: false)
    other.host.becomeClone(of: host)
    simulation.ledger.noteFork()
  }
}
