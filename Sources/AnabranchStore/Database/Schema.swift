internal import GRDB

/// The tables of a replica, version by version. `docs/storage.md` explains them.
///
/// Three kinds: the log, which is the truth; views, which can be rebuilt from it; local tables, which never
/// travel. The version is in `user_version`, and `application_id` says whose file it is.
enum Schema {
  /// The newest version this program knows; the first was 1.
  static let version = Int32(migrations.count + 1)
  /// "ANBR" as a number.
  static let applicationID: Int32 = 0x414E_4252

  /// Makes a new database, of the newest version.
  static let creation: @Sendable (Database) throws -> Void = { db in
    try db.execute(sql: statements)
  }

  /// What makes the tables of the newest version, and their indexes.
  static let statements = log + branch + change + views + local + localSince3 + localSince4

  /// The step from each version to the next. Views need not be filled: they are built anew.
  static let migrations: [@Sendable (Database) throws -> Void] = [
    // What was appended to a message is one of the things done to a text from then on.
    { try $0.execute(sql: "DROP TABLE append") },
    // Purges.
    { db in
      for table in viewTables { try db.execute(sql: "DROP TABLE IF EXISTS \(table)") }
      try db.execute(sql: views + localSince3)
    },
    // Undoing, attachments, and texts as they stand.
    { db in
      for table in viewTables { try db.execute(sql: "DROP TABLE IF EXISTS \(table)") }
      try db.execute(sql: views + localSince4)
    },
    // Who belongs to the space.
    makeViews,
    // What does not count.
    makeViews,
    // Signed logs.
    { db in
      try db.execute(
        sql: """
          ALTER TABLE change RENAME TO change_before;
          \(change)
          INSERT INTO change(id, hash, bytes) SELECT id, hash, bytes FROM change_before ORDER BY id;
          DROP TABLE change_before;
          DROP TABLE checkpoint;
          """)
    },
    // Branches of forked logs.
    { try $0.execute(sql: branch) },
    // The newest messages of a conversation in its own row.
    { db in
      let columns = """
        key, created, source, updated, messages, diverged, trashed, purged, hidden, irregular, tips, activity, fingerprint
        """
      try db.execute(
        sql: """
          ALTER TABLE conversation RENAME TO conversation_before;
          \(conversation)
          INSERT INTO conversation(\(columns)) SELECT \(columns) FROM conversation_before ORDER BY key;
          DROP TABLE conversation_before;
          """)
    },
  ]

  private static let makeViews: @Sendable (Database) throws -> Void = { db in
    for table in viewTables { try db.execute(sql: "DROP TABLE IF EXISTS \(table)") }
    try db.execute(sql: views)
  }

  private static let log = """
    CREATE TABLE log(
      ordinal INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE,
      header BLOB NOT NULL,
      indexed INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE open_change(
      id INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      wall INTEGER NOT NULL,
      action INTEGER NOT NULL
    );
    CREATE TABLE open_operation(
      position INTEGER PRIMARY KEY,
      draft BLOB NOT NULL
    );

    """

  /// What each branch of a forked log goes on from, by ordinal.
  private static let branch = """
    CREATE TABLE branch(
      log INTEGER PRIMARY KEY,
      parent INTEGER NOT NULL
    );

    """

  /// The signature is that of the log's author, of the log up to there; most changes have none.
  private static let change = """
    CREATE TABLE change(
      id INTEGER PRIMARY KEY,
      hash BLOB NOT NULL,
      signature BLOB,
      bytes BLOB NOT NULL
    );

    """

  /// Views, in the order in which they can be dropped.
  static let viewTables = [
    "conversation", "message", "edit", "register", "element", "deletion", "imported", "unshown", "purge", "receipt",
    "reading", "redaction", "attached", "withdrawal", "reinstatement", "hidden", "undoing", "action", "regained",
    "text", "text_page", "page", "roster", "uncounted",
  ]

  /// Those whose rows depend on how the texts in them came to be.
  static let pageTables = ["text_page", "page"]

  /// The newest messages stand last: who lists conversations passes them over.
  private static let conversation = """
    CREATE TABLE conversation(
      key INTEGER PRIMARY KEY,
      created INTEGER,
      source INTEGER,
      updated INTEGER NOT NULL DEFAULT 0,
      messages INTEGER NOT NULL DEFAULT 0,
      diverged INTEGER NOT NULL DEFAULT 0,
      trashed INTEGER,
      purged INTEGER NOT NULL DEFAULT 0,
      hidden INTEGER,
      irregular INTEGER NOT NULL DEFAULT 0,
      tips BLOB NOT NULL,
      activity BLOB NOT NULL,
      fingerprint BLOB NOT NULL,
      tail BLOB
    );
    """

  private static let views = """
    \(conversation)
    CREATE TABLE message(
      conversation INTEGER NOT NULL,
      key INTEGER NOT NULL,
      role INTEGER NOT NULL,
      created INTEGER NOT NULL,
      line INTEGER,
      parent INTEGER,
      parents BLOB,
      origin INTEGER,
      PRIMARY KEY(conversation, key)
    ) WITHOUT ROWID;
    CREATE TABLE register(
      object INTEGER NOT NULL,
      register INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      time INTEGER NOT NULL,
      PRIMARY KEY(object, register, operation)
    ) WITHOUT ROWID;
    CREATE TABLE element(
      object INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(object, kind, operation)
    ) WITHOUT ROWID;
    CREATE TABLE deletion(
      conversation INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(conversation, operation)
    ) WITHOUT ROWID;
    CREATE TABLE imported(
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE,
      conversation INTEGER,
      others BLOB
    );
    CREATE TABLE edit(
      object INTEGER NOT NULL,
      text INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      number INTEGER,
      before INTEGER,
      PRIMARY KEY(object, text, operation)
    ) WITHOUT ROWID;
    CREATE TABLE text(
      object INTEGER NOT NULL,
      text INTEGER NOT NULL,
      root INTEGER,
      version BLOB,
      count INTEGER NOT NULL,
      operations INTEGER NOT NULL,
      edited INTEGER NOT NULL,
      PRIMARY KEY(object, text)
    ) WITHOUT ROWID;
    CREATE TABLE text_page(
      object INTEGER NOT NULL,
      text INTEGER NOT NULL,
      place INTEGER NOT NULL,
      page INTEGER,
      count INTEGER NOT NULL,
      PRIMARY KEY(object, text, place)
    ) WITHOUT ROWID;
    CREATE TABLE page(
      id INTEGER PRIMARY KEY,
      bytes BLOB NOT NULL
    );
    CREATE TABLE unshown(
      object INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(object, operation)
    ) WITHOUT ROWID;
    CREATE TABLE purge(
      object INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(object, operation)
    ) WITHOUT ROWID;
    CREATE TABLE receipt(
      purge INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(purge, operation)
    ) WITHOUT ROWID;
    CREATE TABLE redaction(
      object INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      purge INTEGER NOT NULL,
      PRIMARY KEY(object, operation, purge)
    ) WITHOUT ROWID;
    CREATE TABLE withdrawal(
      object INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(object, operation)
    ) WITHOUT ROWID;
    CREATE TABLE reinstatement(
      object INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(object, operation)
    ) WITHOUT ROWID;
    CREATE TABLE hidden(
      conversation INTEGER NOT NULL,
      key INTEGER NOT NULL,
      role INTEGER NOT NULL,
      created INTEGER NOT NULL,
      line INTEGER,
      parent INTEGER,
      parents BLOB,
      origin INTEGER,
      PRIMARY KEY(conversation, key)
    ) WITHOUT ROWID;
    CREATE TABLE undoing(
      action INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(action, operation)
    ) WITHOUT ROWID;
    CREATE TABLE regained(
      edit INTEGER NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(edit, operation)
    ) WITHOUT ROWID;
    CREATE TABLE action(
      first INTEGER PRIMARY KEY,
      last INTEGER NOT NULL,
      changes INTEGER NOT NULL,
      conversations INTEGER NOT NULL,
      messages INTEGER NOT NULL
    );
    CREATE TABLE reading(
      conversation INTEGER NOT NULL,
      log INTEGER NOT NULL,
      message INTEGER NOT NULL,
      PRIMARY KEY(conversation, log)
    ) WITHOUT ROWID;
    CREATE TABLE attached(
      blob BLOB NOT NULL,
      operation INTEGER NOT NULL,
      PRIMARY KEY(blob, operation)
    ) WITHOUT ROWID;
    CREATE TABLE roster(
      operation INTEGER PRIMARY KEY
    );
    CREATE TABLE uncounted(
      operation INTEGER NOT NULL,
      object INTEGER NOT NULL,
      PRIMARY KEY(operation, object)
    ) WITHOUT ROWID;
    CREATE INDEX uncounted_object ON uncounted(object);

    """

  private static let local = """
    CREATE TABLE setting(
      name TEXT PRIMARY KEY,
      value NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE peer(
      device BLOB PRIMARY KEY,
      name BLOB NOT NULL,
      address BLOB,
      vector BLOB NOT NULL,
      contact INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE search_shard(
      number INTEGER PRIMARY KEY,
      documents INTEGER NOT NULL
    );

    """

  private static let localSince3 = """
    CREATE TABLE erasure(
      purge INTEGER PRIMARY KEY,
      due INTEGER NOT NULL,
      asked INTEGER NOT NULL DEFAULT 1,
      taken INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE announced_expiry(
      conversation INTEGER PRIMARY KEY,
      time INTEGER NOT NULL
    );
    CREATE TABLE preference(
      name BLOB PRIMARY KEY,
      value BLOB NOT NULL
    ) WITHOUT ROWID;
    """

  private static let localSince4 = """
    CREATE TABLE blob(
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE,
      bytes INTEGER NOT NULL,
      missing INTEGER NOT NULL,
      wanted INTEGER NOT NULL DEFAULT 0,
      outline BLOB
    );
    CREATE INDEX blob_lacking ON blob(bytes) WHERE missing > 0;
    CREATE INDEX blob_unfinished ON blob(number) WHERE missing < 0;
    CREATE INDEX blob_held ON blob(number) WHERE wanted = 2;
    CREATE TABLE block(
      id INTEGER PRIMARY KEY,
      bytes BLOB NOT NULL
    );
    CREATE TABLE blob_holder(
      blob BLOB NOT NULL,
      device BLOB NOT NULL,
      PRIMARY KEY(blob, device)
    ) WITHOUT ROWID;
    """
}
