/// A stretch of a text that one operation inserted.
public struct TextSpan: Hashable, Sendable {
  /// Who inserted it; nil where the text began with it, or what it says is absent.
  public var operation: OperationID?
  /// Where it lies among all that the operation inserted, or in what the text began with, in scalars.
  public var offset: Int
  /// How many scalars it has.
  public var count: Int
  /// What it says; empty where that is absent.
  public var text: String

  /// `count` scalars from `offset` on of what `operation` inserted.
  public init(operation: OperationID?, offset: Int, count: Int, text: String) {
    self.operation = operation
    self.offset = offset
    self.count = count
    self.text = text
  }
}

extension TextDocument {
  /// The whole text as stretches, each inserted by one operation. O(text + pieces log operations) where what was inserted
  /// is ASCII; else what lies before a piece in its insertion is counted too.
  public var spans: [TextSpan] {
    var spans: [TextSpan] = []
    var cursor = BaseCursor()
    forEachPiece { bytes, count in
      for span in history.spans(of: bytes, count: count, &cursor) {
        if let last = spans.last, last.operation == span.operation, last.offset + last.count == span.offset,
          last.text.isEmpty == span.text.isEmpty
        {
          spans[spans.count - 1].count += span.count
          spans[spans.count - 1].text += span.text
        } else {
          spans.append(span)
        }
      }
    }
    return spans
  }
}

extension TextDocument {
  /// The whole text as stretches, each with what wrote it first: of words that undos put back, cut where that differs, what inserted
  /// them before all of these, nil where the text began with them. `regained` tells where what operations inserted was before.
  /// O(text), beside ``spans``.
  public func authorship(
    regained: [OperationID: [TextOrigin]]
  ) -> [(span: TextSpan, writer: OperationID?)] {
    let lineage = TextLineage(regained)
    return spans.flatMap { span -> [(span: TextSpan, writer: OperationID?)] in
      guard let operation = span.operation, lineage.came(operation), !span.text.isEmpty else {
        return [(span, span.operation)]
      }
      var parts: [(span: TextSpan, writer: OperationID?)] = []
      for (place, scalar) in span.text.unicodeScalars.enumerated() {
        let writer = lineage.root(of: .init(operation: operation, offset: span.offset + place)).operation
        if parts.isEmpty || parts[parts.count - 1].writer != writer {
          parts.append((TextSpan(operation: operation, offset: span.offset + place, count: 0, text: ""), writer))
        }
        parts[parts.count - 1].span.count += 1
        parts[parts.count - 1].span.text.unicodeScalars.append(scalar)
      }
      return parts
    }
  }
}

/// How far the text's beginning was counted. Its scalars keep their order, so it only ever moves on.
private struct BaseCursor {
  var place = 0
  var scalars = 0
}

extension TextHistory {
  /// Who inserted the `count` scalars that `bytes` of the content hold.
  fileprivate func spans(of bytes: Range<Int>, count: Int, _ cursor: inout BaseCursor) -> [TextSpan] {
    guard !bytes.isEmpty else { return [TextSpan(operation: nil, offset: 0, count: count, text: "")] }
    var spans: [TextSpan] = []
    var place = bytes.lowerBound
    while place < bytes.upperBound {
      let (span, end) = span(from: place, upTo: bytes.upperBound, &cursor)
      spans.append(span)
      place = end
    }
    return spans
  }

  /// Who inserted what lies in the content from the byte `place` on, as far as that is one operation.
  private func span(from place: Int, upTo limit: Int, _ cursor: inout BaseCursor) -> (TextSpan, end: Int) {
    func span(by operation: OperationID?, offset: Int, end: Int) -> (TextSpan, end: Int) {
      let text = String(decoding: content[place..<end], as: UTF8.self)
      return (TextSpan(operation: operation, offset: offset, count: text.scalarCount, text: text), end)
    }
    guard place >= baseBytes else {
      return beginning(from: place, upTo: min(limit, baseBytes), &cursor)
    }
    let stretch = edits.stretch(inserting: place)
    let isASCII = stretch.bytes.count == stretch.edit.count
    let before = stretch.bytes.lowerBound..<place
    let event = stretch.start + (isASCII ? before.count : content.scalarCount(in: before))
    let (name, events) = operations.operation(of: event)
    // Stretches are joined across operations.
    let last = min(stretch.events.upperBound, events.upperBound)
    let end =
      last == stretch.events.upperBound ? stretch.bytes.upperBound : content.end(ofScalars: last - event, from: place)
    return span(by: name, offset: insertedCount(of: events.lowerBound..<event), end: min(limit, end))
  }

  /// What the text began with, from the byte `place` on, as far as nothing is gone from it.
  private func beginning(
    from place: Int, upTo limit: Int, _ cursor: inout BaseCursor
  ) -> (TextSpan, end: Int) {
    cursor.scalars += content.scalarCount(in: cursor.place..<max(cursor.place, place))
    cursor.place = max(cursor.place, place)
    var offset = cursor.scalars
    for range in baseGone where range.lowerBound <= offset { offset += range.count }
    let next = baseGone.first { $0.lowerBound > offset }.map { $0.lowerBound - offset }
    let end = next.map { min(limit, content.end(ofScalars: $0, from: place)) } ?? limit
    let text = String(decoding: content[place..<end], as: UTF8.self)
    return (TextSpan(operation: nil, offset: offset, count: text.scalarCount, text: text), end)
  }

  /// How many of `events` insert a scalar.
  func insertedCount(of events: Range<Int>) -> Int {
    guard !events.isEmpty else { return 0 }
    var count = 0
    forEachStretch(of: events) { if !$0.edit.isDeletion { count += $0.edit.count } }
    return count
  }
}
