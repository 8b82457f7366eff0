internal import Anabranch
internal import AnabranchExchange

/// The input is a file of JSON, or of anything.
///
/// Promised: what is read does not depend on the window it is read through; its canonical form is canonical, needs no mending,
/// and is the only one of that value; and passing over a value ends where reading it ends.
enum JSONTarget {
  static func check(_ input: UnsafeRawBufferPointer) throws(BrokenPromise) {
    let bytes = Array(input)
    let value = Outcome(bytes, windowBytes: 256 << 10)
    for windowBytes in [1, 13] {
      try BrokenPromise.unless(
        Outcome(bytes, windowBytes: windowBytes) == value,
        "a value is the same through a window of \(windowBytes) bytes")
    }
    guard case .value(let value) = value else { return }
    let skipped = try? JSONValue.end(in: bytes, windowBytes: 7)
    try BrokenPromise.unless(skipped == value.end, "a value that is passed over ends where it ends when it is read")
    let again = Outcome(value.canonical, windowBytes: 256 << 10)
    let itself = JSONValue(canonical: value.canonical, end: Int64(value.canonical.count), isMended: false)
    try BrokenPromise.unless(again == .value(itself), "the canonical form of a canonical form is that form")
  }

  private enum Outcome: Equatable {
    case value(JSONValue)
    case failure(String)

    init(_ bytes: [UInt8], windowBytes: Int) {
      do throws(AnabranchError) {
        self = .value(try JSONValue(firstIn: bytes, windowBytes: windowBytes))
      } catch {
        self = .failure(error.message)
      }
    }
  }

  static var seeds: [FuzzTarget.Seed] {
    let texts = [
      ("object", #" { "b" : 1 , "a" : [ 1.50 , -0 , 1e400, true, false, null ], "a" : {"z":[],"y":{}} } "#),
      ("escapes", #"["\u0041\/\b\f\n\r\t\"\\","\ud83d\ude00","\ud83d","\u0000é\u2028"]"#),
      ("depth", String(repeating: "[", count: 513)),
      ("keys", #"{"é":1,"e\u0301":2,"aa":3,"a":4,"":5}"#),
    ]
    return texts.map { FuzzTarget.Seed($0.0, Array($0.1.utf8)) } + [
      FuzzTarget.Seed("not-utf8", Array("[\"".utf8) + [0xC3, 0xA9, 0xC3, 0xFF, 0x00] + Array("\"]".utf8)),
      FuzzTarget.Seed("mark", [0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
    ]
  }
}
