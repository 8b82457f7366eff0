internal import AnabranchCore
internal import AnabranchStore

/// Files that a history brings along.
///
/// Each file of a message is attached once, whatever was done with it since: what was detached or purged stays so. One
/// that an earlier export only told of is attached again as soon as an export has its bytes.
extension Importer {
  /// The files whose bytes the messages among `events` need, and that are not here.
  func files(of events: [HistoryEvent]) throws(StoreError) -> [SourceAttachment] {
    var files: [SourceAttachment] = []
    var named: Set<String> = []
    var source = current?.source
    for event in events {
      switch event {
      case .conversation(let conversation): source = conversation
      case .message(let message):
        guard let source, !message.attachments.isEmpty, try !store.isPurged(name(of: source)) else { continue }
        let known = try known(name(of: message.id, in: source))
        files += message.attachments.filter { known.mayBring($0) && named.insert($0.id).inserted }
      case .warning: break
      }
    }
    return files
  }

  /// The files that a message has, or had; of one that is not here, or whose import was undone, only whether one was
  /// purged: it is attached all of them again.
  private func known(_ message: ObjectID) throws(StoreError) -> KnownFiles {
    var known = try store.knownFiles(of: message)
    if try store.imported(message) == nil { (known.brought, known.lacking, known.toldOf) = ([], [], []) }
    return known
  }

  /// Takes note of a file whose bytes are here by now.
  mutating func note(_ content: AttachmentContent, as file: SourceAttachment) {
    staged[file.id] = content
  }

  /// Writes what was gathered, if files were attached in it.
  mutating func writeFiles() throws(StoreError) {
    if !staged.isEmpty { _ = try writer.flush() }
  }

  /// Takes note of a file that is there and cannot be read.
  mutating func note(unreadable reason: String) {
    summary.warnings.append(
      ImportWarning(code: "damaged-file", message: "a file of the export was left out: \(reason)", skipped: true))
  }

  /// Attaches those of a message's files that it never had.
  mutating func attach(
    _ files: [SourceAttachment], to message: ObjectID, in conversation: ObjectID
  ) throws(StoreError) {
    guard !files.isEmpty else { return }
    let known = try known(message)
    // Where only the bytes were lacking, they are here by now.
    for file in files where known.mayBring(file) && !known.lacking.contains(file.id) {
      let brought = staged[file.id]
      // Under another name: an export of ours tells of it as well as its source.
      if let blob = brought?.blob?.description, known.brought.union(known.lacking).contains(blob) { continue }
      guard brought != nil || !known.toldOf.contains(file.id) else { continue }
      // Equal files are taken in once, and may be called differently.
      let content = AttachmentContent(
        name: file.name ?? brought?.name ?? file.id, mediaType: brought?.mediaType ?? file.mediaType,
        byteCount: brought?.byteCount ?? file.byteCount, blob: brought?.blob, sourceID: file.id)
      try writer.add(content, to: message)
      changed.insert(conversation)
      if content.blob == nil { summary.filesMissing += 1 } else { summary.files += 1 }
    }
  }
}

extension KnownFiles {
  /// Whether a source's file is new to the message, or its bytes are not here.
  fileprivate func mayBring(_ file: SourceAttachment) -> Bool {
    !hasPurged && !brought.contains(file.id)
  }
}
