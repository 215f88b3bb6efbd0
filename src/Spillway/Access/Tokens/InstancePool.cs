namespace Spillway.Access.Tokens;

/// <summary>Objects that one thread may use at a time, made when all are in use. As many are kept as there are processors.</summary>
internal sealed class InstancePool<T>(Func<T> create)
    where T : class, IDisposable
{
    private readonly T?[] _kept = new T?[Environment.ProcessorCount];

    public T Take()
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.Exchange(ref _kept[i], null) is { } instance)
            {
                return instance;
            }
        }

        return create();
    }

    public void Return(T instance)
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _kept[i], instance, null) is null)
            {
                return;
            }
        }

        instance.Dispose();
    }
}
