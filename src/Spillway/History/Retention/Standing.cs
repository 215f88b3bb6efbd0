namespace Spillway.History.Retention;

/// <summary>What a record is to its key.</summary>
internal enum Standing
{
    /// <summary>Nothing: its rule retains nothing.</summary>
    None,

    /// <summary>The newest, which is retained.</summary>
    Newest,

    /// <summary>Older than another that is retained.</summary>
    Superseded,

    /// <summary>
    /// Of a key, or a topic, that is no longer retained. It may be the newest there is: if it went before an older one did, that would look like the newest.
    /// </summary>
    Released,
}
