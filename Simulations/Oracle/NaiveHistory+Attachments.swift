public import AnabranchCore
internal import AnabranchWire

/// Files attached to messages.
extension NaiveHistory {
  /// The additions that attached the files of a message, each file once: of several that say the same the first, and none
  /// without bytes of what a source brought, too.
  func attachments(of message: ObjectID) -> [Applied] {
    guard !arePurged(textsOf: message) else { return [] }
    let standing = live(.attachments, of: message).filter { !purged.contains(.native($0.id)) }
    let inOrder = standing.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
    let said = inOrder.compactMap { applied in Self.file(applied).map { (applied: applied, file: $0) } }
    return said.indices.filter { index in
      let file = said[index].file
      let isBrought = said.contains { $0.file.sourceID == file.sourceID && $0.file.blob != nil }
      if file.blob == nil, file.sourceID != nil, isBrought { return false }
      return !said[..<index].contains { $0.file == file }
    }.map { said[$0].applied }
  }

  /// What an addition says of the file that it attaches; nil for one that does something else, or whose words are absent.
  public static func file(_ applied: Applied) -> AttachmentContent? {
    guard case .addElement(let add) = applied.mutation, add.set == .attachments else { return nil }
    return applied.bytes.flatMap { AttachmentContent(canonicalBytes: $0) }
  }
}
