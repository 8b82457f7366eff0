internal import Anabranch
internal import AnabranchCore
internal import SeededRandom

/// What people do.
extension Simulation {
  /// A person does something, if the machine runs and is awake.
  func act(_ action: Plan.Action, _ index: Int) throws {
    let host = hosts[action.host]
    // Nobody goes on writing on a machine that acts up.
    guard host.process != nil, host.sleeps == 0, !host.isSuspect else { return }
    use(host)
    trace.note(scheduler.now, index, as: "• \(host.name): \(action.kind.rawValue)")
    var random = RandomStream(seed: action.seed)
    try ignoringFailures { try act(action.kind, host, &random) }
  }

  private func act(_ kind: Plan.Action.Kind, _ host: Host, _ random: inout RandomStream) throws {
    switch kind {
    case .start: try startConversation(host, &random)
    case .say: try say(host, &random)
    case .stream: try stream(host, &random)
    case .resume: try resume(host, &random)
    case .edit: try editText(host, &random)
    case .type: try type(host, &random)
    case .sayDraft: try sayDraft(host, &random)
    case .branch: try branch(host, &random)
    case .attach: try attach(host, &random)
    case .purge: try purge(host, &random)
    case .undo: try undo(host, &random)
    case .importHistory: try importHistory(host, &random)
    case .search: try search(host, &random)
    case .exchange:
      guard let life = host.process?.life, let peer = random.pick(hosts.filter { $0 !== host })?.number else { return }
      dial(host, life, hosts[peer], true)
    case .reopen: try reopen(host)
    case .backUp:
      // Also in the midst of a sentence.
      if random.chance(1, in: 2) { try resume(host, &random) }
      try backUp(host)
    default:
      guard let conversation = try conversation(host, &random, trashed: kind == .restore) else { return }
      try edit(kind, conversation, host, &random)
    }
  }

  private func edit(
    _ kind: Plan.Action.Kind, _ conversation: ConversationSummary, _ host: Host, _ random: inout RandomStream
  ) throws {
    let id = conversation.id
    let word = random.words(1...2)
    switch kind {
    case .title:
      try call(host) { try $0.setTitle(word, of: id) }
      let title = try call(host) { try $0.conversation(id).summary.title }
      guard title == word else {
        throw Violation(.readYourWrites, "\(host.name) titled \(id) “\(word)” and reads “\(title ?? "")”")
      }
    case .mark:
      let isOn = random.chance(1, in: 2)
      if random.chance(1, in: 2) {
        let messages = try call(host) { try $0.messages(of: id).filter { !$0.isPurged }.map(\.id) }
        let object = random.chance(1, in: 2) ? random.pick(messages) ?? id : id
        try call(host) { try $0.setPinned(isOn, of: object) }
      } else {
        try call(host) { try $0.setArchived(isOn, of: id) }
      }
    case .tag:
      try call(host) { try $0.addTag(word, to: id) }
      guard try call(host, { try $0.conversation(id).summary.tags }).contains(word) else {
        throw Violation(.readYourWrites, "\(host.name) tagged \(id) “\(word)” and does not read it")
      }
    case .untag:
      let tags = conversation.tags
      guard let tag = random.chance(1, in: 2) ? tags.first : random.pick(tags) else { return }
      try call(host) { try $0.removeTag(tag, from: id) }
      if touches("\(id) \(tag)", host) { marks.insert(.removedTwice) }
    case .sort:
      try sort(id, word, host, &random)
    case .read:
      try call(host) { try $0.markRead(id) }
      guard try call(host, { try $0.conversation(id).summary.unread }) ?? 0 == 0 else {
        throw Violation(.readYourWrites, "\(host.name) read \(id) and is told of more")
      }
    case .delete:
      try call(host) { try $0.delete(id) }
      guard try call(host, { try $0.conversation(id).summary.trashed }) else {
        throw Violation(.readYourWrites, "\(host.name) deleted \(id) and still sees it")
      }
    case .restore:
      try call(host) { try $0.restore(id) }
    default:
      break
    }
  }

  private func sort(_ id: ObjectID, _ word: String, _ host: Host, _ random: inout RandomStream) throws {
    if random.chance(1, in: 2) {
      try call(host) { try $0.addFolder(word, to: id) }
      let folders = try call(host) { try $0.conversation(id).summary.folders }
      guard folders.contains(word) else {
        throw Violation(.readYourWrites, "\(host.name) put \(id) into “\(word)” and does not see it there")
      }
      guard random.chance(1, in: 2), let other = folders.first else { return }
      try call(host) { try $0.removeFolder(other, from: id) }
    } else {
      let name = random.one(of: "state", "rating")
      let value = random.chance(1, in: 4) ? nil : word
      try call(host) { try $0.setField(name, to: value, of: id) }
      let fields = try call(host) { try $0.conversation(id).summary.fields }
      guard fields.first(where: { $0.name == name })?.value == value else {
        throw Violation(.readYourWrites, "\(host.name) set \(name) of \(id) to “\(value ?? "")” and does not read it")
      }
    }
  }

  // MARK: Conversations

  func conversation(
    _ host: Host, _ random: inout RandomStream, trashed: Bool = false
  ) throws -> ConversationSummary? {
    let all = try call(host) { try $0.conversations(trashed: trashed) }
    for one in all where one.diverged > 0 { marks.insert(.diverged) }
    for one in all where one.conflicts > 0 { marks.insert(.conflicted) }
    // People mostly go on with what they did last.
    return random.chance(2, in: 3) ? random.pick(Array(all.prefix(3))) : random.pick(all)
  }

  private func startConversation(_ host: Host, _ random: inout RandomStream) throws {
    let title = random.chance(1, in: 2) ? random.words(1...4) : nil
    _ = try call(host) { try $0.newConversation(title) }
  }

  private func say(_ host: Host, _ random: inout RandomStream) throws {
    guard let conversation = try conversation(host, &random) else { return try startConversation(host, &random) }
    if random.chance(1, in: 6) { return try sayAtOnce(in: conversation.id, host, &random) }
    let text = random.words(1...20)
    let message = try say(text, in: conversation.id, .user, .shown, host)
    let parents = try call(host) { try $0.message(message).message.parents }
    if parents.count > 1 { marks.insert(.rejoined) }
    guard random.chance(2, in: 3) else { return }
    _ = try say(random.words(5...60), in: conversation.id, .assistant, .after(message), host)
  }

  /// Writes down a question and its answer, both or none.
  private func sayAtOnce(in conversation: ObjectID, _ host: Host, _ random: inout RandomStream) throws {
    let (question, answer) = (random.words(1...20), random.words(5...60))
    let messages = try call(host) { try $0.sayAtOnce(question, answer, in: conversation) }
    for (message, text) in zip(messages, [question, answer]) {
      ledger.note([text], of: message, in: conversation)
      try expect(message, toRead: text, on: host)
    }
  }

  func say(
    _ text: String, in conversation: ObjectID, _ role: Role, _ placement: Replica.Placement, _ host: Host
  ) throws -> ObjectID {
    let message = try call(host) { try $0.say(text, in: conversation, as: role, at: placement) }
    ledger.note([text], of: message, in: conversation)
    try expect(message, toRead: text, on: host)
    return message
  }

  func expect(_ message: ObjectID, toRead text: String, on host: Host) throws {
    let read = try call(host) { try $0.message(message).message.text }
    guard read == text else {
      throw Violation(.readYourWrites, "\(host.name) said “\(text)” in \(message) and reads “\(read)”")
    }
    try expectNoOtherWords(in: message, reading: text, on: host)
  }

  private func stream(_ host: Host, _ random: inout RandomStream) throws {
    guard let conversation = try conversation(host, &random)?.id else { return }
    let question = try say(random.words(1...8), in: conversation, .user, .shown, host)
    let answer = try call(host) { try $0.beginMessage(in: conversation, at: .after(question)) }
    ledger.note([""], of: answer, in: conversation)
    var text = ""
    for _ in 0..<random.number(in: 1...12) {
      let piece = random.words(1...6) + " "
      ledger.note([text, text + piece], of: answer, in: conversation)
      try call(host) { try $0.append(piece, to: answer) }
      text += piece
      ledger.note([text], of: answer, in: conversation)
    }
    try expect(answer, toRead: text, on: host)
    if options[.kills] > 0, random.chance(1, in: 8) {
      // The lid is shut in mid-sentence.
      noteOpenText(host)
      return stop(host, .kill, restartAfter: .seconds(20))
    }
    // Some programs never say that an answer is complete.
    if random.chance(1, in: 2) { try call(host) { try $0.finishMessage(answer) } }
  }

  /// Goes on with the last answer, which another machine may do too.
  private func resume(_ host: Host, _ random: inout RandomStream) throws {
    guard let conversation = try conversation(host, &random)?.id else { return }
    let answers = try call(host) {
      try $0.messages(of: conversation).filter { $0.role == .assistant && !$0.isPurged }.map(\.id)
    }
    // Best one that somebody else went on with, who may do so again meanwhile.
    let shared = answers.last { !(touched["\($0)"] ?? []).subtracting([host.number]).isEmpty }
    guard let answer = shared ?? answers.last else { return }
    let piece = random.words(1...6)
    // What it reads in the end is for the oracle to say.
    ledger.forget(answer, of: conversation)
    try call(host) { try $0.append(piece, to: answer) }
    if touches("\(answer)", host) { marks.insert(.continuedTwice) }
    let read = try call(host) { try $0.message(answer).message.text }
    guard read.contains(piece) else {
      throw Violation(.readYourWrites, "\(host.name) went on with “\(piece)” and reads “\(read)”")
    }
  }

  /// Takes note that a machine changes something, and tells whether another one did so before.
  private func touches(_ what: String, _ host: Host) -> Bool {
    touched[what, default: []].insert(host.number)
    return touched[what, default: []].count > 1
  }

  private func branch(_ host: Host, _ random: inout RandomStream) throws {
    guard let conversation = try conversation(host, &random)?.id else { return }
    let messages = try call(host) { try $0.messages(of: conversation).map(\.id) }
    guard let origin = random.pick(messages) else { return }
    let role: Role = random.chance(1, in: 2) ? .user : .assistant
    _ = try say(random.words(1...10), in: conversation, role, .branch(from: origin), host)
  }

  private func importHistory(_ host: Host, _ random: inout RandomStream) throws {
    // One account, which grows with time; exports of it are older or newer.
    let version = random.number(in: 0...max(0, Int(scheduler.now.milliseconds / 300_000)))
    let account = seed
    let run = try call(host) { try $0.beginImport(from: AccountReader(account: account, version: version)) }
    try goOn(with: RunningImport(run: run, account: account, version: version, pieces: random.number(in: 5...60)), host)
  }

  /// Takes over a piece of a history; the next one a little later, when others had their turn.
  func goOn(with running: RunningImport, _ host: Host) throws {
    guard let life = host.process?.life else { return }
    let (run, pieces) = (running.run, running.pieces)
    if try call(host, { try $0.step(run, events: pieces) }) {
      imports.append(running)
      return scheduler.plan(
        .importStep(host: host.number, life: life, number: imports.count - 1), after: .milliseconds(20))
    }
    marks.insert(.imported)
    if run.summary.new == 0, !host.hasImported { marks.insert(.importedTwice) }
    host.hasImported = true
    let again = AccountReader(account: running.account, version: running.version)
    let new = try call(host) { try $0.importAtOnce(from: again) }
    // What was undone meanwhile is new to an import.
    guard new == 0 || hasUndone else {
      throw Violation(.mergeIsALattice, "\(host.name) imported the same twice and found \(new) new")
    }
  }

  private func search(_ host: Host, _ random: inout RandomStream) throws {
    let own = Dictionary(
      ledger.texts.values.flatMap { $0.filter { ledger.isWritten($0.key, by: host.number) && $0.value.count == 1 } },
      uniquingKeysWith: { first, _ in first })
    guard let message = try random.pick(own.keys.sorted().filter { try !isGone($0, host) }),
      let text = own[message]?.first,
      let word = text.split(separator: " ").first(where: { $0.allSatisfy { $0.isLetter } && $0.utf8.count > 3 })
    else { return }
    let conversation = try call(host) { try $0.message(message).conversation }
    // It may lie in an import that does not count.
    guard try !isGone(conversation, host) else { return }
    // Where somebody answers what does not count, that it was begun comes along, and what was streamed into it does not.
    guard countInFull(wordsOf: message, host) else { return }
    let isHidden = try call(host) { try $0.conversation(conversation).summary.trashed }
    let hits = try call(host) { try $0.search(String(word), limit: 10_000) }
    guard isHidden || hits.contains(where: { $0.message == message }) else {
      throw Violation(.readYourWrites, "\(host.name) said “\(word)” in \(message) and does not find it")
    }
    if !hits.isEmpty { marks.insert(.searched) }
  }

  private func reopen(_ host: Host) throws {
    guard let process = host.process else { return }
    try call(host) { try $0.close() }
    marks.insert(.reopened)
    trace.note(scheduler.now, host.number, process.life, as: "\(host.name) closes")
    draw("\(host.name) is closed", on: host)
    stop(host, .kill, restartAfter: .seconds(1), isTold: false)
  }
}

extension Replica {
  fileprivate func sayAtOnce(
    _ question: String, _ answer: String, in conversation: ObjectID
  ) throws(AnabranchError) -> [ObjectID] {
    try asOne { () throws(AnabranchError) in
      let first = try say(question, in: conversation)
      return [first, try say(answer, in: conversation, as: .assistant, at: .after(first))]
    }
  }
}
