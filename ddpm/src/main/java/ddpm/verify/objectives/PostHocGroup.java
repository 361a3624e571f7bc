package ddpm.verify.objectives;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.engine.optim.PostHoc;
import ddpm.engine.optim.PostHoc.Snapshot;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Check;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Facts;
import java.util.ArrayList;
import java.util.List;

/** posthoc_ema: how much of each stored average makes up each wanted one. */
final class PostHocGroup implements Objectives.Group {
    @Override
    public void check(Objectives o, String at) {
        Facts f = o.facts().in("posthoc_ema").only("in_images", "in_std", "out_images", "out_std", "coefficients");
        List<Snapshot> wanted = snapshots(f, "out");
        double[][] got = new PostHoc(snapshots(f, "in")).coefficients(wanted);
        JsonNode rows = f.get("coefficients");
        if (rows.size() != got.length) {
            throw new VectorException("coefficients has " + rows.size() + " rows, there are " + got.length + " inputs");
        }
        for (int k = 0; k < wanted.size(); k++) {
            double[] want = new double[got.length];
            double[] column = new double[got.length];
            for (int i = 0; i < got.length; i++) {
                want[i] = Facts.numbers("coefficients", rows.get(i))[k];
                column[i] = got[i][k];
            }
            // as one row: tolerances are by row
            String name = "posthoc_ema coefficients, column " + k;
            o.report().add(Check.each(name, want, column, new long[] {1, want.length}, Allowance.POST_HOC));
        }
    }

    private static List<Snapshot> snapshots(Facts f, String which) {
        double[] images = f.numbers(which + "_images");
        double[] std = f.numbers(which + "_std");
        if (images.length != std.length) {
            throw new VectorException(
                    which + "_images has " + images.length + " entries, " + which + "_std " + std.length);
        }
        List<Snapshot> all = new ArrayList<>();
        for (int i = 0; i < std.length; i++) {
            all.add(new Snapshot(images[i], std[i]));
        }
        return all;
    }
}
