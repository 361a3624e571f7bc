package ddpm.data.drawn;

/** The kinds of procedural textures. A pattern gives the colour at any point of the plane; the unit is the feature. */
enum TextureFamily {
    STRIPES {
        @Override
        Pattern pattern(ImageRandom random) {
            Palette palette = Palette.any(2 + random.below(3), random);
            double share = random.uniform(0.3, 0.7);
            boolean soft = random.chance(0.4);
            return (x, y, rgb) -> {
                long band = (long) Math.floor(x);
                int colour = (int) Math.floorMod(band, (long) palette.size());
                if (soft) {
                    palette.blend(triangle(x / 2), 1, rgb);
                } else if (palette.size() == 2) {
                    palette.put(x - Math.floor(x) < share ? 0 : 1, 1, rgb);
                } else {
                    palette.put(colour, 1, rgb);
                }
            };
        }
    },
    CHECKS {
        @Override
        Pattern pattern(ImageRandom random) {
            Palette palette = Palette.any(3, random);
            boolean gingham = random.chance(0.5); // crossing bands mix, instead of alternating
            double ratio = random.uniform(0.7, 1.4);
            return (x, y, rgb) -> {
                boolean a = Math.floorMod((long) Math.floor(x), 2L) == 0;
                boolean b = Math.floorMod((long) Math.floor(y * ratio), 2L) == 0;
                palette.put(gingham ? (a ? 1 : 0) + (b ? 1 : 0) : a == b ? 0 : 2, 1, rgb);
            };
        }
    },
    WOOD {
        @Override
        Pattern pattern(ImageRandom random) {
            Palette palette = Palette.material(0.04, 0.11, 0.6, 0.75, random);
            Noise noise = new Noise(random);
            double centreX = random.uniform(-6, 6);
            double centreY = random.uniform(-3, 3);
            double stretch = random.uniform(0.08, 0.35);
            double wobble = random.uniform(0.3, 0.9);
            return (x, y, rgb) -> {
                double dx = x - centreX;
                double dy = (y - centreY) * stretch;
                double radius = Math.sqrt(dx * dx + dy * dy) + wobble * noise.octaves(x * 0.5, y * 0.15, 2);
                double ring = radius - Math.floor(radius); // light early wood, slowly darker, then a sharp edge
                double grain = 1 + 0.12 * noise.at(x * 7, y * 0.7);
                palette.blend(ring * ring, grain, rgb);
            };
        }
    },
    MARBLE {
        @Override
        Pattern pattern(ImageRandom random) {
            Palette palette = Palette.any(3, random);
            Noise noise = new Noise(random);
            double turbulence = random.uniform(0.6, 1.8);
            double sharp = random.uniform(1, 2.5);
            return (x, y, rgb) -> {
                double v = triangle(x * 0.5 + turbulence * noise.octaves(x * 0.6, y * 0.6, 4));
                palette.blend(sharp < 1.5 ? v : v * v, 1, rgb);
            };
        }
    },
    CLOUDS {
        @Override
        Pattern pattern(ImageRandom random) {
            Palette palette = Palette.any(3, random);
            Noise noise = new Noise(random);
            double stretch = random.uniform(0.4, 1);
            double contrast = random.uniform(0.8, 1.6);
            return (x, y, rgb) -> palette.blend(0.5 + contrast * noise.octaves(x * 0.7, y * 0.7 * stretch, 5), 1, rgb);
        }
    },
    DOTS {
        @Override
        Pattern pattern(ImageRandom random) {
            Palette palette = Palette.any(2 + random.below(2), random);
            Noise noise = new Noise(random);
            double radius = random.uniform(0.2, 0.42);
            double scatter = random.chance(0.5) ? 0 : 0.5 - radius;
            boolean offset = random.chance(0.5); // every other row by half a cell
            boolean rings = random.chance(0.25);
            return (x, y, rgb) -> {
                long row = (long) Math.floor(y);
                double along = x + (offset && (row & 1) == 1 ? 0.5 : 0);
                long column = (long) Math.floor(along);
                double dx = along - column - 0.5 - scatter * (2 * noise.cell(column, row) - 1);
                double dy = y - row - 0.5 - scatter * (2 * noise.cell(row, column + 99) - 1);
                double away = Math.sqrt(dx * dx + dy * dy);
                boolean inside = away < radius && !(rings && away < radius * 0.5);
                int colour = 1 + (int) ((palette.size() - 1) * noise.cell(column + 7, row + 5));
                palette.put(inside ? colour : 0, 1, rgb);
            };
        }
    },
    BRICKS {
        @Override
        Pattern pattern(ImageRandom random) {
            Palette palette =
                    random.chance(0.7) ? Palette.material(-0.02, 0.06, 0.6, 0.65, random) : Palette.any(2, random);
            double[] mortar = Palette.hsv(random.uniform(), 0.08, random.uniform(0.45, 0.9));
            Noise noise = new Noise(random);
            double length = random.uniform(1.6, 2.6);
            double joint = random.uniform(0.06, 0.14);
            return (x, y, rgb) -> {
                long row = (long) Math.floor(y);
                double along = x / length + ((row & 1) == 0 ? 0 : 0.5);
                long brick = (long) Math.floor(along);
                double rough = noise.octaves(x * 2.2, y * 2.2, 2);
                if (y - row < joint * 2 || (along - brick) * length < joint * 2) {
                    for (int k = 0; k < 3; k++) {
                        rgb[k] = mortar[k] * (1 + 0.12 * rough);
                    }
                } else {
                    palette.blend(0.6 * noise.cell(brick, row), 1 + 0.18 * rough, rgb);
                }
            };
        }
    },
    WEAVE {
        @Override
        Pattern pattern(ImageRandom random) {
            Palette palette = Palette.any(2, random);
            boolean twill = random.chance(0.4); // over two, under two, shifted by one a row
            double gap = random.uniform(0.75, 0.95);
            return (x, y, rgb) -> {
                long column = (long) Math.floor(x);
                long row = (long) Math.floor(y);
                boolean over = twill ? Math.floorMod(column + row, 4L) < 2 : Math.floorMod(column + row, 2L) == 0;
                double across = over ? y - row : x - column; // position over the width of the thread on top
                double side = Math.abs(2 * across - 1);
                double round = side < gap ? 1 - 0.45 * side * side : 0.3;
                palette.put(over ? 0 : 1, round, rgb);
            };
        }
    };

    /** The colour at a point. */
    interface Pattern {
        void colour(double x, double y, double[] rgb);
    }

    /** A pattern of this family with its own colours and proportions. */
    abstract Pattern pattern(ImageRandom random);

    /** 0 at even, 1 at odd halves: a wave of period 1 made of straight lines. */
    private static double triangle(double t) {
        return 1 - Math.abs(2 * (t - Math.floor(t)) - 1);
    }
}
