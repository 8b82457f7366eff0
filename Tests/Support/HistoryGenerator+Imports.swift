import AnabranchCore
import AnabranchWire
internal import SeededRandom

/// Imports of a few sources that all replicas know, in several versions of each.
extension HistoryGenerator {
  /// Imports a conversation, and some of its messages, as one of several versions of an export has it.
  ///
  /// Two replicas that import the same version may write the very same content, salt included, or not; versions
  /// may or may not say when they are from; and a message now and then stands in two conversations.
  mutating func importSource(_ open: inout OpenChange, _ wall: Int64) {
    guard options.includesImports else { return }
    let source = random.number(in: 0...2)
    let version = random.number(in: 0...3)
    let conversation = ObjectID.imported(Hashing.imported(source: "test", path: ["c\(source)"]))
    let updated: Int64? = version == 0 ? nil : 1_600_000_000_000 + Int64(version / 2)
    let said = ConversationContent(
      title: random.chance(1, in: 4) ? nil : "source \(source).\(version)", archived: version == 3,
      pinned: version == 2)
    if random.chance(9, in: 10) {
      let bytes = said.canonicalBytes
      // One version comes in pieces.
      let piece = version == 1 ? Array(bytes.prefix(bytes.count / 2)) : []
      var source = ImportConversation(created: 1_500_000_000_000, updated: updated)
      if version == 1 {
        let chunk = Draft(kind: .chunk, target: nil, mutation: .chunk, content: Self.fixedContent(piece))
        source.chunks.append(name(open.append(chunk), in: open))
      }
      _ = open.append(
        Draft(
          kind: .importConversation, target: conversation, mutation: .importConversation(source),
          content: importedContent(Array(bytes.dropFirst(piece.count)))))
    }
    for number in 0..<random.number(in: 0...4) where random.chance(4, in: 5) {
      let owner = random.chance(1, in: 12) ? (source + 1) % 3 : source
      let parent = version == 3 ? max(0, number - 2) : number - 1
      let body = MessageContent(text: "\(owner).\(number) as of \(version / 2)")
      let base = CreateMessage(
        parents: parent < 0 || number == 0 ? [] : [imported(owner, parent)],
        line: number == 3 ? .started : .continued,
        role: number.isMultiple(of: 2) ? .user : .assistant, created: 1_500_000_000_000 + Int64(number),
        length: UInt32(body.text.unicodeScalars.count))
      _ = open.append(
        Draft(
          kind: .importMessage, target: conversation,
          mutation: .importMessage(
            ImportMessage(
              message: Hashing.imported(source: "test", path: ["c\(owner)", "m\(number)"]),
              updated: updated, base: base)),
          content: importedContent(body.canonicalBytes)))
    }
  }

  private func imported(_ conversation: Int, _ message: Int) -> ObjectID {
    .imported(Hashing.imported(source: "test", path: ["c\(conversation)", "m\(message)"]))
  }

  /// Mostly with a salt that follows from the bytes, so that equal imports have equal hashes.
  private mutating func importedContent(_ bytes: [UInt8]) -> Content {
    guard random.chance(3, in: 4) else { return content(bytes) }
    return Self.fixedContent(bytes)
  }

  private static func fixedContent(_ bytes: [UInt8]) -> Content {
    .present(
      salt: Hashing.imported(source: "salt", path: [Hexadecimal.encode(bytes)]), bytes: bytes[...])
  }
}
