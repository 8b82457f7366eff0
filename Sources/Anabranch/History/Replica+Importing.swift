internal import AnabranchStore
internal import Foundation

extension Replica {
  /// Takes over a history from outside; what is here already is left as it is.
  ///
  /// Runs in pieces, so that others get their turn. `progress` is told after each piece. Where the reading fails, the
  /// disk is full or the task is cancelled, what was taken over so far stays, and importing again completes it; the
  /// error is thrown.
  public func importHistory(
    from reader: sending any HistoryReader, progress: @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws(AnabranchError) -> ImportSummary {
    let run = try beginImport(from: reader)
    while try step(run) {
      progress(reader.progress)
      await Task.yield()
    }
    progress(reader.progress)
    return run.importer.summary
  }

  /// Begins to take over a history. ``step(_:events:)`` comes next, until it returns false.
  package func beginImport(from reader: any HistoryReader) throws(AnabranchError) -> ImportRun {
    ImportRun(try write { (_, store) in Importer(store, surroundings) }, reader)
  }

  /// Takes over the next piece of a history; false once all of it is. In between others may have their turn.
  ///
  /// Throws as ``importHistory(from:progress:)`` does; then the run is over.
  package func step(_ run: ImportRun, events: Int = 512) throws(AnabranchError) -> Bool {
    do throws(AnabranchError) {
      guard !Task.isCancelled else {
        throw AnabranchError(
          .interrupted, "the import was interrupted; what was read so far is kept",
          remedy: "run it again to complete it")
      }
      if try stage(run, events: events) { return true }
      if try take(events, of: run) {
        pushToPeers()
        return true
      }
      try finish(run)
      return false
    } catch {
      throw broken(run, error)
    }
  }

  private func take(_ events: Int, of run: ImportRun) throws(AnabranchError) -> Bool {
    let (piece, failure) = run.piece ?? run.read(events)
    run.piece = nil
    defer { letGo(run) }
    do throws(AnabranchError) {
      try keep(run) { (importer) throws(StoreError) in
        for event in piece { try importer.take(event) }
        // What keeps the files of this piece is let go of next.
        try importer.writeFiles()
      }
    } catch {
      guard ![.diskFull, .io, .locked].contains(error.code) else { throw error }
      // One of them cannot be kept: those before it are.
      for event in piece { try keep(run) { (importer) throws(StoreError) in try importer.take(event) } }
      try keep(run) { (importer) throws(StoreError) in try importer.writeFiles() }
    }
    if let failure { throw failure }
    return piece.count == events
  }

  /// Takes in some bytes of the files that the next piece brings; false once all of them are here.
  private func stage(_ run: ImportRun, events: Int) throws(AnabranchError) -> Bool {
    if run.piece == nil {
      let piece = run.read(events)
      run.piece = piece
      run.files = try withStore { (store) throws(StoreError) in try run.importer.files(of: piece.events).reversed() }
    }
    if run.staging == nil, let file = run.files.popLast() {
      let source: any AttachmentSource
      do {
        guard let opened = try run.reader.open(file) else { return true }
        source = opened
      } catch {
        return note(unreadable: AnabranchError(reading: error), run)
      }
      run.staging = (file, try Staging(source, self, sourceID: file.id))
    }
    guard var staging = run.staging else { return false }
    run.staging = nil
    switch try staging.bytes.step() {
    case .more: run.staging = staging
    case .unreadable(let error): return note(unreadable: error, run)
    case .done:
      let staged = try staging.bytes.finish()
      run.holds.append(staged)
      let name = staging.file.id
      guard !BlobID.isName(name) || name == staged.content.blob?.description else {
        return note(unreadable: AnabranchError(.format, "\(name) has other bytes than its name says"), run)
      }
      run.importer.note(staged.content, as: staging.file)
    }
    return true
  }

  /// One file that cannot be read is no reason to leave out a message.
  private func note(unreadable error: AnabranchError, _ run: ImportRun) -> Bool {
    run.importer.note(unreadable: error.message)
    return true
  }

  /// The files of a piece are attached, or never will be.
  private func letGo(_ run: ImportRun) {
    let staged = run.holds
    run.holds = []
    run.importer.staged = [:]
    letGo(staged)
    for file in staged { file.content.blob.map { tellHeld($0, isRemote: false) } }
  }

  private func finish(_ run: ImportRun) throws(AnabranchError) {
    defer { if !run.importer.changed.isEmpty { notify(run.importer.changed) } }
    try keep(run) { (importer) throws(StoreError) in try importer.finish() }
  }

  /// Does a step of an import, all of which is kept, or nothing.
  private func keep(
    _ run: ImportRun, _ body: (inout Importer) throws(StoreError) -> Void
  ) throws(AnabranchError) {
    let before = run.importer
    do throws(AnabranchError) {
      try withStore { (store) throws(StoreError) in
        try store.atomically { () throws(StoreError) in try body(&run.importer) }
      }
    } catch {
      run.importer = before
      throw error
    }
  }

  /// Keeps what can be kept of an import that broke off, and returns what is told of `error`.
  private func broken(_ run: ImportRun, _ error: AnabranchError) -> AnabranchError {
    run.staging?.bytes.abandon()
    run.staging = nil
    letGo(run)
    try? finish(run)
    guard error.code == .diskFull, run.importer.hasWritten else { return error }
    return AnabranchError(
      .diskFull, "the disk that holds \(home.database) is full; what was read so far is kept",
      remedy: "free some space, then run it again to complete it")
  }
}
