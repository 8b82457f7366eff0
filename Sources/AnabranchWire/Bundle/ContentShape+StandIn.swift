public import AnabranchCore

/// From a shape to what stands in for the content that had it.
extension ContentShape {
  /// A content of this shape, without its chunks being cut off; none for a piece, whose bytes are what it is a piece of.
  ///
  /// `hash` is that of the content itself. What is written for a text follows from it, or from the text's pseudonym: so equal contents
  /// have equal stand-ins, those of other texts differ, and one sees it when two of them change places. Of a purge of the past, `purged`
  /// is the content of which it leaves something. O(scalars).
  public func standIn(for hash: Digest, leftOf purged: Purged? = nil) -> [UInt8] {
    func text(_ scalars: UInt32) -> [UInt8] {
      purged?.rest(of: scalars) ?? Self.letters(Int(scalars), from: seed(for: hash))
    }
    switch self {
    case .text(let scalars): return text(scalars)
    case .flag(let flag): return [flag ? 1 : 0]
    case .value(let pseudonym): return Array(pseudonym.text.utf8)
    case .field(let name, let value): return FieldContent(name: name.text, value: value?.text).canonicalBytes
    case .message(let message):
      return MessageContent(
        text: String(decoding: text(message.scalars), as: UTF8.self), author: message.author?.text,
        model: message.model?.text, verbatim: message.verbatim?.text
      ).canonicalBytes
    case .conversation(let conversation):
      return ConversationContent(
        title: conversation.title?.text, current: conversation.current?.bytes, model: conversation.model?.text,
        verbatim: conversation.verbatim?.text, archived: conversation.archived, pinned: conversation.pinned
      ).canonicalBytes
    case .attachment(let file):
      return AttachmentContent(
        name: file.name.text, mediaType: file.mediaType?.text,
        blob: file.blob.map { BlobID(Digest(head: $0.bytes, tail: $0.bytes)) }, sourceID: file.sourceID?.text
      ).canonicalBytes
    case .piece: return []
    // No UTF-8, and no record either.
    case .opaque(let pseudonym): return [0xff] + pseudonym.bytes.bytes
    }
  }

  /// One byte each, so that a stand-in is never longer than what it stands for, pseudonyms apart.
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)

  /// Letters that follow from `seed`, by SplitMix64.
  fileprivate static func letters(_ count: Int, from seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return alphabet[Int((mixed ^ mixed >> 31) % UInt64(alphabet.count))]
    }
  }

  /// What the letters of a text follow from.
  func seed(for hash: Digest) -> UInt64 {
    if case .message(let message) = self, let text = message.text { return text.bytes.high }
    return hash.head.high
  }

  /// A content of which some scalars were purged.
  public struct Purged: Sendable {
    private let seed: UInt64
    private let purge: PurgePast

    /// What `purge` left of the content of that hash and shape, if it still has one.
    public init(_ hash: Digest, _ shape: ContentShape?, by purge: PurgePast) {
      (seed, self.purge) = (shape?.seed(for: hash) ?? hash.head.high, purge)
    }

    /// What is left of the stand-in; nil where those are not so many scalars.
    fileprivate func rest(of scalars: UInt32) -> [UInt8]? {
      guard purge.count <= scalarsMax else { return nil }
      let letters = letters(purge.count, from: seed)
      var (rest, place) = ([UInt8](), 0)
      for gone in purge.gone {
        rest += letters[place..<gone.lowerBound]
        place = gone.upperBound
      }
      rest += letters[place...]
      return rest.count == Int(scalars) ? rest : nil
    }
  }
}

extension SealedChange {
  /// The same change with those contents, by operations' indices, in place of absent ones. It keeps the hash that it had, though they do
  /// not have theirs: for a replay alone, in which names, dependencies and branches stay what they were, and no chain can be checked.
  /// O(bytes).
  public func filled(_ contents: [UInt32: (salt: Bytes16, bytes: [UInt8])]) -> SealedChange {
    var change = change
    for index in change.operations.indices {
      guard let content = contents[change.operations[index].index] else { continue }
      let bytes = content.bytes[...]
      change.operations[index].envelope.content = .present(salt: content.salt, bytes: bytes)
      change.operations[index].contentHash = Hashing.content(salt: content.salt, bytes: bytes)
    }
    return rewritten(as: change)
  }
}
