namespace Spillway.Access;

/// <summary>The plan by which requests are judged now, and those before it that may still judge somebody.</summary>
/// <param name="first">The plan to begin with.</param>
internal sealed class PlanInForce<TPlan>(TPlan first) : IAsyncDisposable
    where TPlan : CountedPlan
{
    private readonly Lock _changing = new();
    private readonly List<TPlan> _old = [];
    private volatile TPlan _current = first;

    public TPlan Current => _current;

    /// <summary>Puts another one in its place, for whoever comes from then on.</summary>
    public void Replace(TPlan next)
    {
        TPlan before;
        lock (_changing)
        {
            before = _current;
            _old.RemoveAll(static plan => plan.IsGone);
            _old.Add(before);
            _current = next;
        }

        before.Leave();
    }

    /// <summary>Judges by the plan of now, which stays as long as that takes. There is no asynchronous method around it where it ends at once.</summary>
    /// <param name="asked">What is to be judged.</param>
    /// <param name="judge">Judges it.</param>
    public ValueTask<AccessAnswer> JudgeAsync<TAsked>(TAsked asked, Func<TPlan, TAsked, ValueTask<AccessAnswer>> judge)
    {
        var plan = Enter();
        var judging = new ValueTask<AccessAnswer>();
        var isLeft = true;
        try
        {
            judging = judge(plan, asked);
            isLeft = judging.IsCompleted;
        }
        finally
        {
            if (isLeft)
            {
                plan.Leave();
            }
        }

        return isLeft ? judging : LeaveBehindAsync(plan, judging);
    }

    public async ValueTask DisposeAsync()
    {
        TPlan[] plans;
        lock (_changing)
        {
            plans = [.. _old, _current];
        }

        foreach (var plan in plans)
        {
            await plan.DisposeAsync();
        }
    }

    private static async ValueTask<AccessAnswer> LeaveBehindAsync(TPlan plan, ValueTask<AccessAnswer> judging)
    {
        try
        {
            return await judging;
        }
        finally
        {
            plan.Leave();
        }
    }

    private TPlan Enter()
    {
        while (true)
        {
            var plan = _current;
            if (plan.TryEnter())
            {
                return plan;
            }
        }
    }
}
