internal import Anabranch
internal import AnabranchCore
internal import SeededRandom

/// What people do with texts.
extension Simulation {
  /// Changes some words of a message, or of the notes on a conversation, having read it right before.
  func editText(_ host: Host, _ random: inout RandomStream) throws {
    guard let conversation = try conversation(host, &random)?.id else { return }
    let messages = try call(host) { try $0.messages(of: conversation).filter { !$0.isPurged }.map(\.id) }
    let message = random.chance(2, in: 3) ? random.pick(messages) : nil
    let (text, object) = message.map { (TextKind.body, $0) } ?? (.notes, conversation)
    let read = try self.read(text, of: object, host)
    guard read.count == read.text.unicodeScalars.count else { return }
    var words = read.text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let word = random.words(1...2)
    let place = random.below(words.count + 1)
    switch random.below(3) {
    case 0 where place < words.count: words[place] = word
    case 1 where place < words.count: words.remove(at: place)
    default: words.insert(word, at: place)
    }
    let new = words.joined(separator: " ")
    // What it reads in the end is for the oracle to say.
    if let message { ledger.forget(message, of: conversation) }
    _ = try call(host) { try $0.rewrite(text, of: object, from: read.text, to: new) }
    let now = try self.read(text, of: object, host).text
    guard now.unicodeScalars.elementsEqual(new.unicodeScalars) else {
      throw Violation(.readYourWrites, "\(host.name) made “\(new)” of \(object) and reads “\(now)”")
    }
  }

  /// Types some letters, and takes some back, in a text as it stands on the screen: what came since is not looked at.
  func type(_ host: Host, _ random: inout RandomStream) throws {
    guard let life = host.process?.life else { return }
    if host.typing?.life != life || random.chance(1, in: 4) {
      guard let conversation = try conversation(host, &random)?.id else { return }
      let text = random.chance(1, in: 2) ? TextKind.draft : .notes
      let read = try self.read(text, of: conversation, host)
      host.typing = Typing(
        conversation: conversation, text: text, screen: Array(read.text.unicodeScalars), version: read.version,
        life: life)
    }
    guard var typing = host.typing, try !isGone(typing.conversation, host) else { return host.typing = nil }
    let (conversation, text) = (typing.conversation, typing.text)
    var cursor = random.below(typing.screen.count + 1)
    for letter in random.words(1...2).unicodeScalars {
      var edits = TextEdits()
      if random.chance(1, in: 6), cursor > 0 {
        cursor -= 1
        edits.delete(cursor..<cursor + 1)
        typing.screen.remove(at: cursor)
      }
      edits.insert(String(letter), at: cursor)
      typing.screen.insert(letter, at: cursor)
      cursor += 1
      let version = typing.version
      typing.version = try call(host) { try $0.edit(edits, of: text, in: conversation, seen: version) }
      host.typing = typing
    }
    guard random.chance(1, in: 2) else { return }
    // Somebody who looks sees the letters, among what came meanwhile.
    let read = try self.read(text, of: conversation, host)
    let isSame = Array(read.text.unicodeScalars) == typing.screen
    if !isSame { marks.insert(.typedOn) }
    guard read.version != typing.version || isSame else {
      throw Violation(.readYourWrites, "\(host.name) has on its screen what nobody reads: “\(read.text)”")
    }
  }

  func sayDraft(_ host: Host, _ random: inout RandomStream) throws {
    guard let conversation = try conversation(host, &random)?.id else { return }
    let draft = try read(.draft, of: conversation, host).text
    guard !draft.allSatisfy(\.isWhitespace) else { return }
    let message = try call(host) { try $0.sayDraft(in: conversation) }
    ledger.note([draft], of: message, in: conversation)
    try expect(message, toRead: draft, on: host)
    guard try read(.draft, of: conversation, host).text.isEmpty else {
      throw Violation(.readYourWrites, "\(host.name) said its draft and still reads it")
    }
    marks.insert(.draftSaid)
  }

  private func read(_ text: TextKind, of object: ObjectID, _ host: Host) throws -> TextRecord {
    let read = try call(host) { try $0.text(text, of: object) }
    if read.version.count > 1 { marks.insert(.editedTogether) }
    return read
  }
}
