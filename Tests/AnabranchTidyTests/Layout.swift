/// How a file is laid out, whatever it says.
enum Layout {
  /// Above this a file wants to be split.
  static let linesMax = 400

  /// Everything about the file's lines that an editor would put right.
  static func findings(in file: SourceFile) -> [Finding] {
    var lines = file.lines
    var findings: [Finding] = []
    func complain(_ line: Int, _ complaint: String) {
      findings.append(Finding(path: file.path, line: line, complaint: complaint))
    }
    let ends = lines.last?.isEmpty == true
    if ends { lines.removeLast() } else { complain(lines.count, "no newline at the end") }
    if lines.last?.isEmpty == true { complain(lines.count, "a blank line at the end") }
    for (offset, line) in lines.enumerated() {
      if line.utf8.contains(UInt8(ascii: "\t")) { complain(offset + 1, "a tab") }
      if line.utf8.contains(UInt8(ascii: "\r")) { complain(offset + 1, "a carriage return") }
      if line.utf8.last == UInt8(ascii: " ") { complain(offset + 1, "a blank at the end of the line") }
    }
    if file.path.hasSuffix(".swift"), lines.count > linesMax {
      complain(linesMax + 1, "\(lines.count) lines; at most \(linesMax), split it")
    }
    return findings
  }
}
