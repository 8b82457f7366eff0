public import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

extension Replica {
  /// Attaches files to a message, and returns the attachments' names in the order of the files.
  ///
  /// Equal files are kept once, whatever they are called. A file that is attached already under the same name is not
  /// attached again. Durable when this returns. Throws ``AnabranchError/Code/notFound`` where there is no such message,
  /// ``AnabranchError/Code/invalid`` where a file is too long; then nothing is attached.
  @discardableResult
  public func attach(
    _ files: [any AttachmentSource], to message: ObjectID
  ) async throws(AnabranchError) -> [ObjectID] {
    try checkMessage(message)
    let staged = try await stage(files)
    defer { letGo(staged) }
    return try attach(staged.map(\.content), to: message)
  }

  /// Writes a message with files attached to it, as one action; see ``say(_:in:as:model:at:)``.
  @discardableResult
  public func say(
    _ text: String, in conversation: ObjectID, as role: Role = .user, model: String? = nil,
    at placement: Placement = .shown, attaching files: [any AttachmentSource]
  ) async throws(AnabranchError) -> ObjectID {
    try checkExists(conversation)
    let staged = try await stage(files)
    defer { letGo(staged) }
    return try asOne { () throws(AnabranchError) in
      let message = try say(text, in: conversation, as: role, model: model, at: placement)
      try attach(staged.map(\.content), to: message)
      return message
    }
  }

  /// Takes an attachment from its message; the bytes stay, as what is deleted does. Throws
  /// ``AnabranchError/Code/notFound`` where there is none of that name.
  public func detach(_ attachment: ObjectID) throws(AnabranchError) {
    let record = try self.attachment(attachment)
    try write { (writer, store) throws(StoreError) in
      // All that would show the same file in its place.
      let standing = try store.elements(of: .attachments, on: record.message)
      let same = try store.sameFiles(as: attachment)?.additions.filter(standing.stands) ?? []
      try writer.add(
        Draft(
          kind: .removeElement, target: record.message,
          mutation: .removeElement(RemoveElement(set: .attachments, additions: same))))
      _ = try writer.flush()
    }
    notify([try message(record.message).conversation])
  }

  /// The same as ``attach(_:to:)`` without giving way to anybody, for who is on the replica's executor already.
  @discardableResult
  package func attachAtOnce(
    _ files: [any AttachmentSource], to message: ObjectID
  ) throws(AnabranchError) -> [ObjectID] {
    try checkMessage(message)
    var staged: [StagedFile] = []
    defer { letGo(staged) }
    for file in files {
      var staging = try Staging(file, self)
      try staging.rest()
      staged.append(try staging.finish())
    }
    return try attach(staged.map(\.content), to: message)
  }

  @discardableResult
  private func attach(_ contents: [AttachmentContent], to message: ObjectID) throws(AnabranchError) -> [ObjectID] {
    let conversation = try self.message(message).conversation
    let attached = try write { (writer, store) throws(StoreError) in
      let present = try store.elements(of: .attachments, on: message)
      var names: [ObjectID] = []
      for content in contents {
        // What was purged shows no more, and goes.
        var same: OperationID?
        for addition in present.additions(of: content.canonicalBytes).sorted() where same == nil {
          if try !store.isPurged(.native(addition)) { same = addition }
        }
        if let same {
          names.append(.native(same))
          continue
        }
        try writer.add(content, to: message)
        guard let made = try writer.flush().last else { throw StoreError(.io, "nothing was written") }
        names.append(.native(made))
      }
      return names
    }
    notify(conversation)
    for content in contents { content.blob.map { tellHeld($0, isRemote: false) } }
    return attached
  }

  /// Takes the bytes of files in, giving way to others between pieces.
  private func stage(_ files: [any AttachmentSource]) async throws(AnabranchError) -> [StagedFile] {
    var staged: [StagedFile] = []
    do throws(AnabranchError) {
      for file in files {
        var staging = try Staging(file, self)
        steps: while true {
          switch try staging.step() {
          case .more:
            await Task.yield()
            guard Task.isCancelled else { continue }
            staging.abandon()
            throw AnabranchError(.interrupted, "attaching was interrupted; nothing was attached")
          case .done: break steps
          case .unreadable(let error): throw error
          }
        }
        staged.append(try staging.finish())
      }
    } catch {
      letGo(staged)
      throw error
    }
    return staged
  }

  /// What was taken in is referred to by now, or never will be.
  func letGo(_ staged: [StagedFile]) {
    for file in staged { try? withStore { (store) throws(StoreError) in try store.letGo(file.hold) } }
  }

  private func checkMessage(_ id: ObjectID) throws(AnabranchError) {
    _ = try deviceKey()
    try checkNotPurged(id)
    _ = try message(id)
  }
}

extension DraftWriter {
  mutating func add(_ attachment: AttachmentContent, to message: ObjectID) throws(StoreError) {
    try add(
      Draft(
        kind: .addElement, target: message, mutation: .addElement(AddElement(set: .attachments)),
        content: content(attachment.canonicalBytes)))
  }
}
