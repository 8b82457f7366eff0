internal import Anabranch

/// The content of a message, as a person reads it and as it stood.
struct ChatGPTContent: Equatable {
  /// What a person reads.
  var text: String
  /// What ``text`` does not hold, in canonical form; nil if it holds everything.
  var verbatim: [UInt8]?
  /// Whether there was any content to read.
  var isPresent: Bool
  /// The files that it points to.
  var files: [SourceAttachment] = []
}
